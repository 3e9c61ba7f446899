"""An engine without a model that keeps the beginnings of prompts, as vLLM and SGLang do: what it keeps is read faster."""

from collections import OrderedDict
from typing import Any

from plotlot.evaluation.serving.fake_engine import FakeEngine, Pace


class PrefixEngine(FakeEngine):
    """Keeps the first messages of the last ``kept`` prompts; another takes ``reading_seconds`` more."""

    def __init__(self, pace: Pace, kept: int, reading_seconds: float) -> None:
        super().__init__(pace)
        self.asked_for = 0
        self.found = 0
        self._kept: OrderedDict[str, None] = OrderedDict()
        self._most = kept
        self._reading_seconds = reading_seconds

    def first_token_seconds(self, asked: dict[str, Any]) -> float:
        """Less where the beginning is kept."""
        beginning = str(asked["messages"][0]["content"])
        self.asked_for += 1
        if beginning in self._kept:
            self.found += 1
            self._kept.move_to_end(beginning)
            return self.pace.first_token_seconds
        self._kept[beginning] = None
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return self.pace.first_token_seconds + self._reading_seconds
