"""What is looked at first: whether users are served, well, and at what cost."""

from panels import HTTP, OF, Panel, each, percentiles, rate, share

ANSWERED = f'plotlot_http_requests_total{{{HTTP}, status=~"2..|3.."}}'
SERVED = f"plotlot_citations_served_total{{{OF}}}"
PANELS = [
    Panel("Requests by route", "reqps", {"{{route}}": rate("plotlot_http_requests_total", "route", HTTP)}),
    Panel(
        "Faults, of all answers",
        "percentunit",
        {
            "5xx": share(
                f'plotlot_http_requests_total{{{HTTP}, status=~"5.."}}',
                f"plotlot_http_requests_total{{{HTTP}}}",
            )
        },
        "Half a percent a month is the budget.",
    ),
    Panel("Analyses take", "s", percentiles("plotlot_http_seconds", f'{OF}, route="/v1/analyses"')),
    Panel("Questions take", "s", percentiles("plotlot_http_seconds", f'{OF}, route="/v1/ask"')),
    Panel(
        "In flight, by service",
        "short",
        {"{{service}}": f"sum by (service) (plotlot_requests_in_flight{{{OF}}})"},
    ),
    Panel("What services lack", "short", {"{{need}}": f"max by (need) (plotlot_need_lacking{{{OF}}})"}),
    Panel(
        "Answers that were kept",
        "percentunit",
        {
            "{{operation}}": f'sum by (operation) (rate(plotlot_answer_cache_total{{{OF}, result=~"hit|stale|shared"}}[$__rate_interval]))'
            f" / sum by (operation) (rate(plotlot_answer_cache_total{{{OF}}}[$__rate_interval]))"
        },
    ),
    Panel("Refused for a quota", "reqps", {"{{policy}}": rate("plotlot_rate_limited_total", "policy")}),
    Panel(
        "Bad answers over an hour",
        "percentunit",
        {"{{objective}}": f"plotlot:objective_bad:ratio_rate1h{{{OF}}}"},
        "By objective: half a percent may be faults, and one in twenty too slow. Alerts tell where that is used too fast.",
    ),
    Panel(
        "Questions by what became of them",
        "reqps",
        {"{{outcome}}": rate("plotlot_questions_total", "outcome")},
    ),
    Panel(
        "Citations that stand",
        "percentunit",
        {"read again": share(f'plotlot_citations_served_total{{{OF}, result="valid"}}', SERVED)},
        "Of a sample of answers, read again after they were shown. All are promised to.",
    ),
    Panel(
        "Remarks on a thousand values shown",
        "short",
        {
            "{{kind}}": f"1000 * sum by (kind) (rate(plotlot_feedback_total{{{OF}}}[1h])) / on () group_left () sum(rate(plotlot_values_shown_total{{{OF}}}[1h]))"
        },
    ),
    Panel(
        "An answer costs, in the currency of the prices",
        "short",
        {"tokens": each(f"plotlot_inference_cost_total{{{OF}}}", ANSWERED)},
        "Tokens by the prices of the settings; 0 where none are set, or no model answers.",
    ),
    Panel(
        "An answer takes of a processor",
        "s",
        {"CPU": each(f"process_cpu_seconds_total{{{OF}}}", ANSWERED)},
        "All that PlotLot's processes use, also for what is no answer; not the database's.",
    ),
    Panel(
        "Towns whose documents are older than 90 days",
        "percentunit",
        {
            "of all": f'sum(max by (age) (plotlot_towns{{{OF}, age=~"365d|older"}})) / sum(max by (age) (plotlot_towns{{{OF}}}))'
        },
    ),
    Panel(
        "Pods by version",
        "short",
        {"{{version}} {{bundle}}": f"count by (version, bundle) (plotlot_info{{{OF}}})"},
    ),
]
