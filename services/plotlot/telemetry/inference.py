"""What models that write were asked, waited for and cost."""

from plotlot.telemetry.making import TOKEN_BUCKETS, Making

NOBODY_KNOWN = "anonymous"  # begins the accounts of those who did not say who they are
MOST_ACCOUNTS = 200  # that metrics tell apart; further ones are counted together


class InferenceMetrics:
    """Of inference: requests, the queue before the engines, and tokens."""

    def __init__(self, make: Making) -> None:
        self._accounts: set[str] = set()
        self._requests(make)
        self._queue(make)
        self._tokens(make)

    def _requests(self, make: Making) -> None:
        self.inference_requests = make.counter(
            "inference_requests",
            "Requests to models that write, by what became of them: ok, cancelled, or the id of an error.",
            "model",
            "result",
        )
        self.inference_in_flight = make.gauge("inference_in_flight", "Requests that engines work on.")
        self.inference_places = make.gauge(
            "inference_places", "Requests that engines are given at most at a time, of this process."
        )
        self.inference_output_checks = make.counter(
            "inference_output_checks",
            "Answers that had to follow a schema: valid, repaired (valid when asked again), invalid.",
            "result",
        )
        self.inference_repeats = make.counter(
            "inference_repeats",
            "Requests that were sent again: failover, hedge, or denied where the budget did not allow it.",
            "reason",
        )

    def _queue(self, make: Making) -> None:
        self.inference_rejections = make.counter(
            "inference_rejections",
            "Requests that the queue before the engines refused: full, displaced, late or too_large.",
            "reason",
        )
        self.inference_queue_requests = make.gauge(
            "inference_queue_requests", "Requests that wait for an engine."
        )
        self.inference_queue_places = make.gauge(
            "inference_queue_places", "Requests that may wait for an engine."
        )
        self.inference_queue_tokens = make.gauge(
            "inference_queue_tokens", "Tokens that the requests which wait may take."
        )
        self.inference_queue_oldest_seconds = make.gauge(
            "inference_queue_oldest_seconds", "How long the oldest request has waited for an engine."
        )
        self.inference_queue_seconds = make.histogram(
            "inference_queue_seconds",
            "Time that a request waited for an engine, by its urgency: 1, 0 or -1.",
            "urgency",
        )

    def _tokens(self, make: Making) -> None:
        self.inference_first_token_seconds = make.histogram(
            "inference_first_token_seconds",
            "Time from the engine's taking a request to its first token.",
            "model",
        )
        self.inference_output_token_seconds = make.histogram(
            "inference_output_token_seconds",
            "Time per token after the first, of a whole answer.",
            "model",
            buckets=TOKEN_BUCKETS,
        )
        self.inference_tokens = make.counter(
            "inference_tokens",
            "Tokens by kind: prompt, of them cached, and completion; for whom, and by which bundle.",
            "model",
            "kind",
            "account",
            "bundle",
        )
        self.inference_cost = make.counter(
            "inference_cost",
            "What tokens cost by the prices of the settings, in their currency.",
            "model",
            "bundle",
        )

    def account_label(self, account: str) -> str:
        """The account as a label: those that came first under their names, the rest together, and so who is unknown."""
        if account.startswith(NOBODY_KNOWN):
            return NOBODY_KNOWN
        if len(self._accounts) < MOST_ACCOUNTS:
            self._accounts.add(account)
        return account if account in self._accounts else "other"
