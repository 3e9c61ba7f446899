"""The gateway's refusals, as the commands see them."""

from typing import Any


class ProblemError(Exception):
    """A problem document that the gateway answered with."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document.get("detail") or document.get("title"))
        self.document = document

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.document.get("status", 500))

    @property
    def id(self) -> str:
        """The error's id; empty where somebody else answered."""
        return str(self.document.get("type", "")).partition("#")[2]
