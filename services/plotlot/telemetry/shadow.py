"""What became of the copies that candidates were sent, and of the evidence from them."""

from plotlot.telemetry.making import Making


class ShadowMetrics:
    """Of gateways, while a candidate is asked what users ask."""

    def __init__(self, make: Making) -> None:
        self.shadow_requests = make.counter(
            "shadow_requests",
            "Copies of users' questions that were sent to a candidate: answered, failed, misdirected, missing.",
            "result",
        )
        self.shadow_dropped = make.counter(
            "shadow_dropped",
            "Copies that were not sent: full, busy, rests (the plan ended), stopped.",
            "reason",
        )
        self.shadow_queue = make.gauge("shadow_queue", "Copies that wait to be sent.")
        self.shadow_active = make.gauge(
            "shadow_active", "1 while the judge wants this gateway to ask a candidate too."
        )
        self.evidence_waiting = make.gauge(
            "evidence_waiting", "Pairs and events that the judge has not got yet."
        )
        self.evidence_lost = make.counter(
            "evidence_lost",
            "Pairs and events that the judge never got: there was no room, or it refused them.",
            "kind",
        )
