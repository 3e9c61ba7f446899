"""Questions that only read, in the form in which another gateway can be asked the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.stated_facts import StatedFacts
from plotlot.gateway.inputs import checked
from plotlot.gateway.searching.refinements import Refinements

NOTHING_STATED = StatedFacts()


@dataclass(frozen=True, slots=True)
class Question:
    """What an analysis is about: an address or a parcel's id, in one municipality or in all.

    ``facts`` take the place of what the source says; ``rerun_of`` is the analysis that they were stated on.
    """

    address: str = ""
    parcel_id: str = ""
    municipality: str = ""
    facts: StatedFacts = NOTHING_STATED
    rerun_of: str = ""

    def __post_init__(self) -> None:
        if bool(self.address.strip()) == bool(self.parcel_id.strip()):
            raise InvalidRequest("give an address or a parcel_id, and not both", field="address")
        for name in ("address", "parcel_id", "municipality"):
            checked(getattr(self, name), name)
        for name in ("district", "overlay"):
            checked(getattr(self.facts, name) or "", f"facts.{name}")
        checked(self.rerun_of, "rerun_of")

    def asked(self) -> dict[str, Any]:
        """The question as REST is asked it."""
        body: dict[str, Any] = {
            "address": self.address,
            "parcel_id": self.parcel_id,
            "municipality": self.municipality,
        }
        body |= {"facts": self.facts.given} if self.facts.given else {}
        return body | ({"rerun_of": self.rerun_of} if self.rerun_of else {})


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question: the operation that answers it, its words for people, and the REST request that asks it.

    One without a ``path`` is asked of nobody else: its answer says nothing about a bundle.
    """

    operation: str
    words: str
    path: str = ""
    body: Mapping[str, Any] | None = None

    @property
    def method(self) -> str:
        """The HTTP method: those with a body are posted."""
        return "GET" if self.body is None else "POST"


def analysis(question: Question) -> Inquiry:
    """What may be built on a lot."""
    asked = question.address or f"parcel {question.parcel_id}"
    return Inquiry("analyze", placed(asked, question.municipality), "/v1/analyses", question.asked())


def asking(question: str, municipality: str) -> Inquiry:
    """A question in words."""
    body = {"question": question, "municipality": municipality}
    return Inquiry("ask", placed(question, municipality), "/v1/ask", body)


def searching(
    query: str, municipality: str, limit: int, method: str, refinements: Refinements | None = None
) -> Inquiry:
    """The sections that a query is about."""
    body = {"query": query, "municipality": municipality, "k": limit, "method": method}
    body |= refinements.asked() if refinements else {}
    return Inquiry("search", placed(query, municipality), "/v1/search", body)


def districts(municipality: str) -> Inquiry:
    """The districts of a code."""
    return Inquiry("districts", municipality, f"{town_path(municipality)}/districts")


def standards(municipality: str, district: str) -> Inquiry:
    """The standards of a district."""
    path = f"{town_path(municipality)}/districts/{quote(district, safe='')}/standards"
    return Inquiry("standards", placed(district, municipality), path)


MUNICIPALITIES = Inquiry("municipalities", "every municipality")


def addresses(text: str, municipality: str) -> Inquiry:
    """An address that is still being typed."""
    return Inquiry("addresses", placed(text, municipality))


def kept(analysis_id: str) -> Inquiry:
    """An analysis as it was answered."""
    return Inquiry("report", analysis_id)


def changes(analysis_id: str) -> Inquiry:
    """What asking an analysis again would change."""
    return Inquiry("changes", analysis_id)


def town_path(municipality: str) -> str:
    """Where REST has a municipality."""
    return f"/v1/municipalities/{quote(municipality, safe='')}"


def placed(asked: str, municipality: str) -> str:
    """A question and its place in a line."""
    return f"{asked} ({municipality})" if municipality else asked
