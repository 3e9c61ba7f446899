"""Releases: what the judge knows and says, and what users of each bundle met."""

from panels import OF, Panel, percentiles, rate

PANELS = [
    Panel(
        "Verdicts",
        "short",
        {
            "{{stage}} {{verdict}}": f"sum by (stage, verdict) (increase(plotlot_judge_verdicts_total{{{OF}}}[5m]))"
        },
    ),
    Panel("Pairs", "reqps", {"{{state}}": rate("plotlot_judge_pairs_total", "state")}),
    Panel(
        "Users harmed, by guardrail and side",
        "reqps",
        {"{{guardrail}} {{side}}": rate("plotlot_judge_events_total", "guardrail, side")},
    ),
    Panel(
        "Copies sent to the candidate",
        "reqps",
        {"{{result}}": rate("plotlot_shadow_requests_total", "result")},
    ),
    Panel("Copies not sent", "reqps", {"{{reason}}": rate("plotlot_shadow_dropped_total", "reason")}),
    Panel(
        "Copies that wait",
        "short",
        {
            "waiting": f"sum(plotlot_shadow_queue{{{OF}}})",
            "gateways that copy": f"sum(plotlot_shadow_active{{{OF}}})",
        },
    ),
    Panel(
        "Evidence that waits for the judge", "short", {"waiting": f"sum(plotlot_evidence_waiting{{{OF}}})"}
    ),
    Panel(
        "Evidence lost",
        "short",
        {"{{kind}}": f"sum by (kind) (increase(plotlot_evidence_lost_total{{{OF}}}[5m]))"},
    ),
    Panel("Bets take", "s", percentiles("plotlot_judge_fold_seconds")),
    Panel("The judge is degraded", "short", {"degraded": f"max(plotlot_judge_degraded{{{OF}}})"}),
    Panel("Questions by bundle", "reqps", {"{{bundle}}": rate("plotlot_questions_total", "bundle")}),
    Panel(
        "Questions that failed, by bundle",
        "percentunit",
        {
            "{{bundle}}": f'sum by (bundle) (rate(plotlot_questions_total{{{OF}, outcome="failed"}}[$__rate_interval]))'
            f" / sum by (bundle) (rate(plotlot_questions_total{{{OF}}}[$__rate_interval]))"
        },
    ),
    Panel(
        "Refused, by bundle",
        "percentunit",
        {
            "{{bundle}}": f'sum by (bundle) (rate(plotlot_questions_total{{{OF}, operation="ask", outcome!~"answered|failed|left|problem"}}[$__rate_interval]))'
            f' / sum by (bundle) (rate(plotlot_questions_total{{{OF}, operation="ask"}}[$__rate_interval]))'
        },
    ),
]
