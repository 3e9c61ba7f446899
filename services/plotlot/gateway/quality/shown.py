"""What an answer shows with a citation: the values of standards, and quotes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A quote and where it is said to stand: code points of a document's text, the end exclusive."""

    document: str
    start: int
    end: int
    quote: str


def shown_in(answer: Json) -> list[Shown]:
    """All that an answer in the form of the REST API shows with a citation, each place once."""
    cited = [one["citation"] for one in answer.get("standards", ()) if one.get("citation")]
    quoted = [*cited, *answer.get("quotes", ())]
    return list(
        dict.fromkeys(Shown(each["document"], each["start"], each["end"], each["quote"]) for each in quoted)
    )
