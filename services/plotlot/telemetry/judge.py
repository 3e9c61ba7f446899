"""What the judge recorded and said."""

from plotlot.telemetry.making import Making


class JudgeMetrics:
    """Of the judge."""

    def __init__(self, make: Making) -> None:
        self.judge_pairs = make.counter(
            "judge_pairs",
            "Pairs by what became of them: recorded; then counted, or set_aside; and those that miss an answer.",
            "state",
        )
        self.judge_events = make.counter(
            "judge_events",
            "Users' requests that failed or were slow, by guardrail and by the side they met: stable or candidate.",
            "guardrail",
            "side",
        )
        self.judge_verdicts = make.counter(
            "judge_verdicts",
            "Verdicts by stage and kind.",
            "stage",
            "verdict",
            known=[("shadow", "rollback"), ("canary", "rollback"), ("watch", "rollback")],
        )
        self.judge_fold_seconds = make.histogram(
            "judge_fold_seconds", "Time that bets on what was recorded took."
        )
        self.judge_degraded = make.gauge(
            "judge_degraded", "1 while the judge cannot see all the evidence, and says continue."
        )
