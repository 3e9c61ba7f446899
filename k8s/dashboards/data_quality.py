"""Whether answers are right, of what people ask, and how new and whole the data are."""

from panels import OF, Panel, of, rate, share

PANELS = [
    Panel(
        "Read values whose quote verified",
        "percentunit",
        {
            "verified": share(
                f'plotlot_citations_total{{{OF}, result="verified"}}', f"plotlot_citations_total{{{OF}}}"
            )
        },
        "The rest was dropped: nothing without a verified quote is shown.",
    ),
    Panel("Analyses by verdict", "reqps", {"{{verdict}}": rate("plotlot_analyses_total", "verdict")}),
    Panel(
        "Analyses that left it open",
        "percentunit",
        {
            "unknown": share(
                f'plotlot_analyses_total{{{OF}, verdict="unknown"}}', f"plotlot_analyses_total{{{OF}}}"
            )
        },
    ),
    Panel(
        "Addresses asked of sources outside",
        "reqps",
        {"{{result}}": rate("plotlot_property_lookups_total", "result")},
    ),
    Panel(
        "Lines of the audit log lost",
        "short",
        {"lost": f"sum(increase(plotlot_audit_lost_total{{{OF}}}[5m]))"},
    ),
    Panel(
        "Citations read again",
        "reqps",
        {"{{result}}": rate("plotlot_citations_served_total", "result")},
        "Of a sample of answers, in their documents. One that is broken wakes somebody.",
    ),
    Panel(
        "Questions in words, by what became of them",
        "reqps",
        {"{{outcome}}": rate("plotlot_questions_total", "outcome", f'{OF}, operation="ask"')},
    ),
    Panel(
        "Refused, of all questions in words",
        "percentunit",
        {
            "{{kind}}": f'sum by (kind) (rate(plotlot_question_kinds_total{{{OF}, refused="yes"}}[1h]))'
            f" / (sum by (kind) (rate(plotlot_question_kinds_total{{{OF}}}[1h])) > 0)"
        },
    ),
    Panel("What questions are about", "reqps", {"{{kind}}": rate("plotlot_question_kinds_total", "kind")}),
    Panel(
        "Questions drift",
        "short",
        {"a day beside the week before": f"plotlot:question_drift:psi1d{{{OF}}}"},
        "Population stability index of kinds and refusals: under 0.1 is no change, over 0.25 a large one, and evaluations speak of"
        " other questions than are asked. Not told of fewer than 200 a day.",
    ),
    Panel(
        "Remarks by kind, an hour",
        "short",
        {"{{kind}}": f"sum by (kind) (increase(plotlot_feedback_total{{{OF}}}[1h]))"},
    ),
    Panel(
        "Values and quotes shown",
        "reqps",
        {"{{operation}}": rate("plotlot_values_shown_total", "operation")},
    ),
    Panel(
        "Towns by the age of their oldest document",
        "short",
        {"at most {{age}}": of("plotlot_towns", "age")},
    ),
    Panel(
        "The oldest towns",
        "s",
        {"{{town}}": f"topk(10, {of('plotlot_town_age_seconds', 'town')})"},
    ),
    Panel(
        "Towns by when their publisher last gave a whole code",
        "short",
        {"{{age}}": of("plotlot_towns_checked", "age")},
        "At most so long ago. A check that finds nothing changed counts.",
    ),
    Panel(
        "Towns held back, by what there is to say against their code",
        "short",
        {"{{kind}}": f"{of('plotlot_towns_held_back', 'kind')} > 0"},
        "A town may have several kinds. What was there before goes on serving.",
    ),
    Panel("Towns whose last refresh failed", "short", {"failed": f"max(plotlot_towns_failed{{{OF}}})"}),
    Panel(
        "Towns that no refresh takes, the longest",
        "s",
        {"{{town}}": f"topk(10, {of('plotlot_town_unwell_seconds', 'town')})"},
    ),
    Panel(
        "Documents that a generation lacks",
        "short",
        {"generation {{generation}}": of("plotlot_documents_unindexed", "generation")},
    ),
    Panel(
        "Documents taken in, an hour",
        "short",
        {"{{result}}": f"sum by (result) (increase(plotlot_documents_ingested_total{{{OF}}}[1h]))"},
    ),
    Panel("Documents", "short", {"that answers rest on": f"max(plotlot_documents{{{OF}}})"}),
    Panel("Size of the database", "bytes", {"database": f"max(plotlot_store_bytes{{{OF}}})"}),
    Panel(
        "Disk left below the database",
        "percentunit",
        {
            "its own": f'max(plotlot_disk_bytes{{{OF}, state="free"}}) / max(plotlot_disk_bytes{{{OF}, state="size"}})',
            "{{persistentvolumeclaim}}": f"kubelet_volume_stats_available_bytes{{{OF}}} / kubelet_volume_stats_capacity_bytes{{{OF}}}",
        },
    ),
    Panel(
        "The newest backup is",
        "s",
        {"old": f"time() - (max(plotlot_backup_taken_seconds{{{OF}}}) > 0)"},
    ),
    Panel("Backups kept", "short", {"complete": f"max(plotlot_backups_kept{{{OF}}})"}),
    Panel("Size of the newest backup", "bytes", {"newest": f"max(plotlot_backup_bytes{{{OF}}})"}),
    Panel(
        "Looks at what is stored that failed",
        "short",
        {"failed": f'sum(increase(plotlot_content_looks_total{{{OF}, result="failed"}}[1h]))'},
        "While they fail, the figures above stand still.",
    ),
]
