"""Examples of the OpenAPI document: of answers by operation and media type, of bodies, of parameters."""

import json
from importlib import resources
from typing import Any

TOWN = "Larkfield, OH"
PARAMETERS: dict[str, Any] = {
    "analysis": "an-6234e5018eb48d7b8f50",
    "bundle": "bundle-53376dc752c2c5b6",
    "district": "R-1",
    "feedback": "fb-0c1d9b7a4e55d2a1c7f3",
    "document": "doc-8cffb1055a4e1295e5df",
    "generation": 1,
    "id": ["an-6234e5018eb48d7b8f50", "an-0b4b1a2f7d7e4c55a911"],
    "job": "job-a20ee4c20297ad587c71",
    "key": "k7f3a9c1e2d4",
    "last-event-id": "0",
    "municipality": TOWN,
    "q": "100 S Ma",
    "refresh": "refresh-3f0c6a1e9d2b48f7c5a0",
    "release": "rel-6f1d2a",
    "stage": ["failed"],
    "state": "OH",
    "share": "shr-19f6a0d3b28c47e5a610",
    "watch": "wt-5b0e7d21c94af386d017",
}
BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/gold": {
        "application/x-ndjson": json.dumps(
            {
                "question": "How tall may a house in the R-1 district be?",
                "municipality": TOWN,
                "values": [{"field": "max_height", "value": 35}],
            }
        )
    }
}


def answers() -> dict[str, dict[str, Any]]:
    """Answers of the example town, cut short: by ``METHOD path``, then media type."""
    found: dict[str, dict[str, Any]] = json.loads(
        (resources.files("plotlot.gateway.openapi") / "examples.json").read_text("utf-8")
    )
    return found
