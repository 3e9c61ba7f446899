"""Carries what was read of a code over to its next state, wherever no section changed that bears on it.

A section is known by its path and the digest of its own text. A standard whose section stayed is moved with it, and its
quote must stand at the new place; a district one of whose quotes does not is read anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plotlot.domain.bearing import borne_on
from plotlot.domain.districts import district_key
from plotlot.domain.documents import Document
from plotlot.domain.standards import Citation, District, Standard


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a district; ``standards`` is None where that was not done yet."""

    district: District
    standards: Sequence[Standard] | None
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Own:
    """A section's own text, down to its first subsection, and where it begins."""

    text: str
    start: int


class Carrying:
    """From one state of a code to the next: the documents that only the first has, and only the second, by their ids."""

    def __init__(self, gone: Mapping[str, Document], come: Mapping[str, Document]) -> None:
        self._gone = gone
        self._ids = {document.name: identity for identity, document in come.items()}
        self._come = {document.name: document for document in come.values()}
        self._before = {identity: owns_of(document) for identity, document in gone.items()}
        self._now = {document.name: owns_of(document) for document in come.values()}

    def affected(self, reading: Sequence[Read]) -> frozenset[str] | None:
        """The keys of the districts that are to be read anew; None where it may be all of them."""
        if {_headed(document) for document in self._gone.values()} != set(map(_headed, self._come.values())):
            return None
        changed = self._changed()
        borne = borne_on(
            [(path, text) for _, path, texts in changed for text in texts], [one.district for one in reading]
        )
        if borne is None:
            return None
        places = {(identity, path) for identity, path, _ in changed}
        moved = {
            district_key(one.district.code)
            for one in reading
            if one.standards is not None and any(not self._stays(each, places) for each in one.standards)
        }
        return borne | moved

    def moved(self, standard: Standard) -> Standard:
        """A standard with its citation where it stands now."""
        citation = standard.citation
        if citation is None or citation.document not in self._gone:
            return standard
        found = self._placed(citation)
        assert found is not None, "its district is not read anew"
        return replace(standard, citation=found)

    def _stays(self, standard: Standard, changed: set[tuple[str, str]]) -> bool:
        citation = standard.citation
        if citation is None or citation.document not in self._gone:
            return True
        return (citation.document, citation.section) not in changed and self._placed(citation) is not None

    def _placed(self, citation: Citation) -> Citation | None:
        """The citation in the document that took the place of its own; None where its quote does not stand there."""
        name = self._gone[citation.document].name
        before = self._before[citation.document].get(citation.section, [])
        now = self._now[name].get(citation.section, [])
        if len(before) != 1 or len(now) != 1:
            return None
        document, offset = self._come[name], now[0].start - before[0].start
        start, end = citation.start + offset, citation.end + offset
        if document.text[start:end] != citation.quote:
            return None
        return replace(
            citation,
            document=self._ids[name],
            document_sha256=document.text_sha256,
            start=start,
            end=end,
            page=document.page_at(start),
        )

    def _changed(self) -> list[tuple[str, str, list[str]]]:
        """Sections that are not as they were, by the document that they stood in: its id, their path, texts of both sides."""
        found = []
        for identity, document in self._gone.items():
            before, now = self._before[identity], self._now[document.name]
            for path in {**before, **now}:
                old, new = ([own.text for own in side.get(path, [])] for side in (before, now))
                if old != new:
                    found.append((identity, path, old + new))
        return found


def _headed(document: Document) -> tuple[str, str, str | None]:
    """What is said of a whole document."""
    return document.name, document.title, document.effective_date


def owns_of(document: Document) -> dict[str, list[Own]]:
    """The own texts of a document's sections by their path, and of what stands before them all."""
    owns: dict[str, list[Own]] = {}
    for section in document.sections:
        own = Own(document.own_text(section.ordinal).rstrip(), section.start)
        owns.setdefault(document.section_path(section.ordinal), []).append(own)
    return owns
