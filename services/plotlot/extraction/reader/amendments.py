"""Amendments that only replace words of a line: ``amended by striking "30 feet" and inserting "25 feet"``."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from plotlot.domain.documents import Document, Span
from plotlot.domain.quantities import find_quantities, normalise
from plotlot.domain.quotes import verify
from plotlot.domain.standards import Citation, Standard, Status

_QUOTED = r"[\"“](?P<{0}>[^\"”\n]{{1,200}})[\"”]"
_STRIKES = re.compile(
    r"(?:section|sec\.|§)\s*(?P<label>\d(?:[\w.()-]*[\w)])?)(?P<part>[^.;]{0,160}?)\bamended\s+by\s+(?:striking|deleting|replacing|changing)\s+"
    r"(?:out\s+)?(?:the\s+)?(?:words?\s+|phrase\s+|figures?\s+|number\s+|line\s+)?"
    + _QUOTED.format("old")
    + r"[\s,]*(?:and\s+)?"
    r"(?:inserting|substituting|adding|with|by|to(?:\s+read)?)\s+(?:in\s+(?:lieu|place)\s+thereof[\s,]*|in\s+its\s+place[\s,]*|"
    r"the\s+(?:words?|phrase|figures?|number)\s+)*" + _QUOTED.format("new"),
    re.IGNORECASE,
)

Cite = Callable[[Document, Span], Citation]


@dataclass(frozen=True, slots=True)
class Amendment:
    """Words of a section that a document replaces by others."""

    document: Document
    label: str
    old: str
    new: str
    span: Span


def find_amendments(documents: Sequence[Document]) -> Iterator[Amendment]:
    """The replacements that the documents of a code order."""
    for document in documents:
        for match in _STRIKES.finditer(document.text):
            yield Amendment(document, match["label"], match["old"], match["new"], Span(*match.span()))


def amended(
    standards: Sequence[Standard],
    amendments: Sequence[Amendment],
    effective: Mapping[str, str | None],
    cite: Cite,
) -> tuple[Standard, ...]:
    """The standards after the replacements of words that they were read from.

    ``effective`` gives the dates of documents by their digests. Where a date is missing the old and
    the new value both stand, as conflicting.
    """
    result: list[Standard] = []
    for standard in standards:
        changed = [new for one in amendments if (new := _replaced(standard, one, effective, cite))]
        result.extend(changed[-1] if changed else (standard,))
    return tuple(result)


def _replaced(
    standard: Standard, amendment: Amendment, effective: Mapping[str, str | None], cite: Cite
) -> tuple[Standard, ...]:
    citation = standard.citation
    if citation is None or citation.document_sha256 == amendment.document.text_sha256:
        return ()
    if not re.search(rf"(?<![\w.-]){re.escape(amendment.label)}(?![\w-])", citation.section):
        return ()
    if " ".join(amendment.old.split()) not in " ".join(citation.quote.split()):
        return ()
    new = _with_value(standard, amendment, cite(amendment.document, amendment.span))
    before, after = effective.get(citation.document_sha256), amendment.document.effective_date
    if new is not None and before and after and before <= after:
        note = f"amended, in force since {after}; before: “{' '.join(citation.quote.split())}” ({citation.section})"
        return (replace(new, note=note),)
    note = f"an amendment replaces “{amendment.old}” by “{amendment.new}” in section {amendment.label}"
    old = replace(standard, status=Status.CONFLICTING, note=note)
    return (old, replace(new, status=Status.CONFLICTING, note=note)) if new is not None else (old,)


def _with_value(standard: Standard, amendment: Amendment, citation: Citation) -> Standard | None:
    """The standard with the value that the new words state, or None where they state none for its field."""
    for quantity in find_quantities(amendment.new):
        unit = quantity.unit or standard.quoted_unit
        value = normalise(quantity.value, unit, standard.field) if unit else None
        if value is None:
            continue
        new = replace(
            standard, value=value, citation=citation, quoted_value=quantity.number_text, quoted_unit=unit
        )
        if verify(new, amendment.document.text).holds:
            return new
    return None
