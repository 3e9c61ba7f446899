"""What a call raises.

Error
 |- Problem      the gateway refused: its problem document (RFC 9457)
 `- Unreachable  nobody answered, or the answer broke off
"""

from collections.abc import Mapping
from typing import Any


class Error(Exception):
    """Base of both."""


class Problem(Error):
    """A problem document; ``id`` never changes, docs/errors.md lists them."""

    def __init__(self, document: Mapping[str, Any], status: int) -> None:
        super().__init__(str(document.get("detail") or document.get("title") or status))
        self.document = dict(document)
        self.status = status

    @property
    def id(self) -> str:
        """The error's id; empty where somebody else than a gateway answered."""
        return str(self.document.get("type", "")).partition("#")[2]

    @property
    def field(self) -> str:
        """The part of the request at fault; empty where there is none."""
        return str(self.document.get("field", ""))

    @property
    def suggestions(self) -> list[str]:
        """What was near."""
        return [str(each) for each in self.document.get("suggestions", ())]


class Unreachable(Error):
    """Nobody answered at the URL, or the answer ended before its end."""
