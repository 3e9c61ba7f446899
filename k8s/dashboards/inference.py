"""Models that write: requests, queue, tokens, cost, and the engines."""

from panels import OF, Panel, of, percentiles, quantile, rate

PANELS = [
    Panel(
        "Requests by what became of them",
        "reqps",
        {"{{result}}": rate("plotlot_inference_requests_total", "result")},
    ),
    Panel("To the first token", "s", percentiles("plotlot_inference_first_token_seconds")),
    Panel("A token after the first", "s", percentiles("plotlot_inference_output_token_seconds")),
    Panel(
        "In the queue and at work",
        "short",
        {
            "waiting": f"sum(plotlot_inference_queue_requests{{{OF}}})",
            "at work": f"sum(plotlot_inference_in_flight{{{OF}}})",
        },
    ),
    Panel("The oldest waits", "s", {"oldest": f"max(plotlot_inference_queue_oldest_seconds{{{OF}}})"}),
    Panel(
        "Refused by the queue", "reqps", {"{{reason}}": rate("plotlot_inference_rejections_total", "reason")}
    ),
    Panel("Tokens by kind", "short", {"{{kind}}": rate("plotlot_inference_tokens_total", "kind")}),
    Panel("Tokens by account", "short", {"{{account}}": rate("plotlot_inference_tokens_total", "account")}),
    Panel("Tokens by bundle", "short", {"{{bundle}}": rate("plotlot_inference_tokens_total", "bundle")}),
    Panel(
        "Engines that take requests",
        "short",
        {"{{endpoint}}": f"max by (endpoint) (plotlot_engine_ready{{{OF}}})"},
    ),
    Panel(
        "Circuits: 2 is open",
        "short",
        {"{{endpoint}}": f"max by (endpoint) (plotlot_engine_circuit{{{OF}}})"},
    ),
    Panel(
        "Engines' KV cache in use",
        "percentunit",
        {"{{endpoint}}": f"max by (endpoint) (plotlot_engine_kv_cache_use{{{OF}}})"},
    ),
    Panel(
        "Prompt tokens found in the cache",
        "percentunit",
        {"{{endpoint}}": f"max by (endpoint) (plotlot_engine_prefix_hit_rate{{{OF}}})"},
    ),
    Panel("Requests sent again", "reqps", {"{{reason}}": rate("plotlot_inference_repeats_total", "reason")}),
    Panel(
        "Answers held to a schema",
        "reqps",
        {"{{result}}": rate("plotlot_inference_output_checks_total", "result")},
    ),
    Panel(
        "Places in use",
        "percentunit",
        {
            "at work": f"sum(plotlot_inference_in_flight{{{OF}}}) / sum(plotlot_inference_places{{{OF}}})",
            "waiting": f"sum(plotlot_inference_queue_requests{{{OF}}}) / sum(plotlot_inference_queue_places{{{OF}}})",
        },
        "Of the requests that engines are given at a time, and of those that may wait.",
    ),
    Panel("Tokens that wait", "short", {"tokens": f"sum(plotlot_inference_queue_tokens{{{OF}}})"}),
    Panel(
        "Wait in the queue, p95",
        "s",
        {"urgency {{urgency}}": quantile(0.95, "plotlot_inference_queue_seconds", "urgency")},
    ),
    Panel("Replicas", "short", {"{{state}}": of("plotlot_engine_replicas", "state")}),
    Panel(
        "At work and waiting, by the engines' own count",
        "short",
        {
            "{{endpoint}} at work": of("plotlot_engine_running", "endpoint"),
            "{{endpoint}} waiting": of("plotlot_engine_waiting", "endpoint"),
        },
    ),
    Panel(
        "Cost an hour, in the currency of the prices",
        "short",
        {"{{model}} {{bundle}}": f"3600 * {rate('plotlot_inference_cost_total', 'model, bundle')}"},
    ),
]
