"""The words and lines by which codes tell of their districts."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from plotlot.domain.districts import CODE
from plotlot.domain.documents import Document

KIND = (
    r"(?:resid\w*|agricult\w*|commerc\w*|business|industr\w*|village|rural|conservation|forest\w*|mixed|center|"
    r"neighborhood|family|famil(?:y|ies)|density|manufactur\w*|mobile|office|institution\w*|open\s+space|recreation\w*|lake\w*|"
    r"shore\w*|town|transect|urban|suburban|estate|professional|retail|public|park|downtown|hamlet|highway|planned|"
    r"country|farm\w*|housing|attached|detached|apartments?|waterfront|marine|civic|natural|research|multi\w*|single|general|central|medical|hospital|"
    r"universit\w*|college|campus|education\w*|ranch\w*|corridor|gateway|communit\w*|marsh|coastal|beach|river\w*|hillside|"
    r"resource|scenic|preservation|watershed|upland\w*|mountain|timber|technology|corporate|warehouse|trade|cottage|courthouse|light|heavy|limited|local)"
)
ZONE = r"(?:zoning\s+|use\s+)?(?:districts?|zones?)"
LABEL = (
    r"(?:[#*|>\s]*+)(?i:(?:section|subd\.?|sec\.?|article|art\.?|chapter|division|subdivision|part|table|§+)\s*)?"
    r"(?:(?:(?![IVX]-[A-Z])[IVX]+|\d[\w.-]*|\(?[A-Za-z0-9]{1,3}[.)])[\s.:)–—-]++)?[-–—:.\s]*+"
)
_QUOTED_BESIDE = re.compile(r"(?<=\w)\s+[\"“](?=[A-Z])")
_SUBJECT = re.compile(
    r"\s*[-–—:]\s*(?=(?:min(?:imum)?|max(?:imum)?|lot|dimension\w*|purpose|permitted|uses?)\b)", re.IGNORECASE
)
_SURE_LINES, _SURE_LIST, _LONGEST_LIST = 40, 1_700, 6_000
"""Lines and characters in which a list of districts is looked for, and those as far as its lines open with codes."""
_OPENS_WITH_CODE = re.compile(rf"{LABEL}{CODE}(?!\w)|\s*$")
_MARGIN = " \t\n\r\f0123456789"
"""What may stand between two lines of a list: white space, and the numbers of lines in a margin."""
_PART = re.compile(r"\S+(?:\s{1,3}\S+)*")
NOT_A_DISTRICT = re.compile(
    r"\b(?:regulations?|provisions?|agency|authority|board|requirements?|town\s+of|city\s+of|sales|standards?|"
    r"program|commission|association|council|fund|act|ordinance|bylaws?|statutes?|developments)\b",
    re.IGNORECASE,
)
# The first letters stand alone, and their case is written out, so that a search skips from one to the next.
_ESTABLISHES = re.compile(
    r"[FfDdEeCcZz](?i:"
    r"(?<=d)ivided\s+into\s*:|(?:(?<=f)ollowing|(?<=d)ivided\s+into|(?<=e)stablish\w*|(?<=c)lasses\s+of|(?<=d)esignated)\b[^.]{0,120}?\b(?:districts?|zones?)\b[^.:]{0,90}:"
    r"|(?:(?<=\bd)istricts?|(?<=\bz)ones?)\b[^.:]{0,60}\b(?:following|divided\s+into|establish\w*)\b[^.:]{0,40}:)"
)


def tidy(name: str) -> str:
    """A name without label, article and the word district, in title case where it was in capitals."""
    name = _SUBJECT.split(_QUOTED_BESIDE.split(name)[0])[0]
    words = re.sub(r"[\[\]]", "", re.sub(r"\s+", " ", name)).strip(' -–—:,.|"“”#*')
    words = re.sub(r"(?i)^(?:(?:the|a|an|in|and|section|article)\s+|\d+[\d.]*\s+)+", "", words)
    words = re.sub(r"(?i)[\s,]+(?:zoning\s+|use\s+)?(?:districts?|zones?)$", "", words)
    return " ".join(map(_cased, words.split())) if words.isupper() else words


def _cased(word: str) -> str:
    """A capital word in title case, but for numbers, numerals, and the small words between."""
    if re.search(r"\d", word) or re.fullmatch(r"[IVX]+", word):
        return word
    return word.lower() if word in ("AND", "OF", "FOR", "OR", "TO", "WITH", "THE") else word.title()


def name_key(name: str) -> str:
    """A name that case, punctuation and the word district do not change."""
    words = re.findall(r"[a-z]+|\d+", name.lower().replace("&", " and "))
    return " ".join(w for w in words if w not in ("district", "districts", "zone", "zones", "zoning", "the"))


def lines(document: Document) -> Iterator[tuple[int, str]]:
    """Each line of a document with its offset."""
    offset = 0
    for line in document.text.split("\n"):
        yield offset, line
        offset += len(line) + 1


def heading_starts(document: Document) -> frozenset[int]:
    """Where the sections of a document start."""
    return frozenset(section.start for section in document.sections if section.parent is not None)


def _beside(offset: int, line: str) -> Iterator[tuple[int, str]]:
    """The parts of a line of a list that print sets in two or three columns."""
    parts = list(_PART.finditer(line))
    names = [part for part in parts if re.search(rf"{ZONE}\W*$", part[0], re.IGNORECASE)]
    if 1 < len(parts) == len(names):
        yield from ((offset + part.start(), part[0]) for part in parts)
    else:
        yield offset, line


def inside_headings(document: Document) -> list[tuple[int, int]]:
    """Where headings go on over a second line, whose words alone would name another thing."""
    spans = []
    for section in document.sections:
        line_end = document.text.find("\n", section.start)
        if section.parent is not None and section.heading and 0 < line_end < section.body_start - 1:
            spans.append((line_end + 1, section.body_start))
    return spans


def standing_alone(
    text: str, titles: Sequence[tuple[int, int, tuple[str, ...]]]
) -> list[tuple[int, int, tuple[str, ...]]]:
    """Titles (start, end, districts) without those of a list, which follow one another line by line."""

    def are_listed(first: tuple[int, int, tuple[str, ...]], second: tuple[int, int, tuple[str, ...]]) -> bool:
        return first[2] != second[2] and text[first[1] : second[0]].strip(_MARGIN) == ""

    listed = {one for pair in pairwise(titles) if are_listed(*pair) for one in pair}
    return [one for one in titles if one not in listed]


def lists_of_districts(document: Document) -> Iterator[int]:
    """Where the lists begin that follow ``is divided into the following districts:``."""
    return (match.end() for match in _ESTABLISHES.finditer(document.text))


def listed_lines(document: Document) -> Iterator[tuple[int, str]]:
    """Lines of the lists that follow ``is divided into the following districts:``, with offsets."""
    for start in lists_of_districts(document):
        offset = start
        for number, line in enumerate(document.text[offset : offset + _LONGEST_LIST].split("\n")):
            far = number >= _SURE_LINES or offset - start > _SURE_LIST
            if len(re.sub(r"\s+", " ", line.strip())) > 75 or (far and not _OPENS_WITH_CODE.match(line)):
                break
            yield from _beside(offset, line)
            offset += len(line) + 1
