"""Text that speaks to a machine and not of a code: in questions it is left out, in codes it is not quoted."""

import re
import unicodedata
from functools import lru_cache

from plotlot.domain.characters import UNSEEN, seen

_TAGGED = re.compile(
    r"<\s*(\w+)[^<>]*>.*?<\s*/\s*\1\s*>|<[^<>]{1,40}>|\[(?:system|inst)\].*?\[/\w+\]", re.I | re.S
)
_PIECE = re.compile(
    r"(?<=[.!?])\s+|(?<=[.!?]['\"”])\s+|\n+|:\s+|,?\s+and\s+(?=(?:say|confirm|output|reply|answer)\b)", re.I
)
_TO_A_MACHINE = re.compile(
    r"""
    ^\W*(?:please\s+|now\s+|just\s+|then\s+|also\s+|and\s+)*(?:ignore|disregard|forget|override|bypass|pretend|make\s+up|invent)\b
    |^\W*(?:please\s+|now\s+|then\s+)*(?:say|reply|respond|output|answer|print|repeat|confirm)\b
        (?:\s+(?:only|just|with|that|yes|it|the\s+word|your)\b|(?:\s+[^\s?]+){0,3}\W*$)
    |^\W*(?:please\s+|now\s+|then\s+)*(?:fetch|open|visit|browse|download|call)\b.*(?:://|\btool\b|\burl\b)
    |^\W*I(?:\s+am|['’]m)\s+(?:the|an?|your)\b[^?\d]*$
    |\byou\s+are\s+now\b|\bsystem\s+(?:override|message|prompt)\b|\bdeveloper\s+(?:message|mode|override)\b
    |\b(?:your|hidden|previous|prior|above|secret)\s+(?:\w+\s+)?(?:instructions?|prompt)\b
    |\bI\s+(?:authori[sz]e|order|command)\s+you\b|\bas\s+an?\s+(?:AI|language\s+model|assistant)\b
    """,
    re.I | re.X,
)
_PLANTED = re.compile(
    r"""
    \b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|your\s+|the\s+)*
        (?:(?:previous|prior|above|earlier|other)\s+)?(?:instructions?|prompts?|rest\s+of\s+th(?:is|e)\s+(?:ordinance|code|document))
    |\binstructions?\s+(?:that\s+)?(?:you\s+(?:were|are|have\s+been)\s+given|above)\b
    |\b(?:language|AI)\s+models?\b|\bLLMs?\b|\bautomated\s+(?:assistants?|readers?)\b|\bchat\s?bots?\b
    |\bAI\s+(?:systems?|assistants?|tools?|agents?|readers?|bots?|software|programs?)\b
    |\b(?:dear|(?:note|instructions?)\s+to|to\s+(?:the|all|any))\s+AI\b|\ban\s+AI\b(?!\s+(?:zon|dist))
    |\bKI-?(?:Modell|System|Assistent)\w*|\bSprachmodell\w*|\bmodelos?\s+de\s+lenguaje\b|\bmod[eè]les?\s+de\s+langage\b
    |\bsystem\s+prompt\b|\bdeveloper\s+message\b|\btask\s+for\s+the\s+(?:model|assistant)\b
    |\byou\s+are\s+(?:now\s+)?an?\s+(?:\w+\s+){0,2}(?:AI|assistant|chat\w*)\b
    |\bthe\s+assistant\s+(?:answers|must|shall|should|will)\b
    |(?:^|[.!?>\n])\W*(?:assistant|system)\s*:\s
    |<\|\w+\|>|\[/?(?:INST|SYS)\]
    """,
    re.I | re.X,
)
# One of these stands wherever ``_PLANTED`` does, in small letters: most texts have none, and need not be searched.
_HINTS = (
    *("ignore", "disregard", "forget", "override", "instruction", "prompt", "model", "langage", "llm"),
    *("automated", "chat", "assistant", "assistent", "ki-system", "kisystem", "developer"),
    *("<|", "[inst", "[sys", "[/inst", "[/sys"),
)
_HINTED_WORDS = re.compile(r"ai\b|system\s*:")
_UNSEEN = re.compile(f"[{UNSEEN}]")
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁԛԝАВЕКМНОРСТУХІЈЅαοινερτΑΒΕΖΗΙΚΜΝΟΡΤΥΧıİ",
    "aeopcyxijsdqwABEKMHOPCTYXIJSaoivertABEZHIKMNOPTYXiI",
)
_ROW = re.compile(r"[|\t]")
_PARAGRAPH_END = re.compile(r"\n\s*\n|\f|(?<=[.!?])[ \t]*\n")
_SENTENCE_END = re.compile(r"[.!?;]\s|\n\s*\n|\f|\Z")
_PART = re.compile(r"(\n\s*\n|\f|\n(?=[^\n]*[|\t])|(?<=[|])[ \t]*\n)")
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_FARTHEST = 1500  # characters before a value in which something may have been said to a machine


def without_instructions(question: str) -> str:
    """What a question asks of the code; empty where all of it is said to the machine."""
    pieces = _PIECE.split(_TAGGED.sub(" ", seen(_TERMINAL.sub("", question))))
    return " ".join(piece.strip() for piece in pieces if piece.strip() and not _TO_A_MACHINE.search(piece))


def is_planted(text: str) -> bool:
    """Whether a text, standing in a code, speaks to whatever program reads it, in whichever letters."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).translate(_LOOKALIKES)
    return _is_hinted(text.lower()) and _PLANTED.search(text) is not None


@lru_cache(maxsize=16)
def _is_planted_cell(text: str) -> bool:
    """Whether the first cell of a row is: it is asked for each value of the row, and may be pages of prose."""
    return is_planted(text)


def _is_hinted(text: str) -> bool:
    return any(hint in text for hint in _HINTS) or _HINTED_WORDS.search(text) is not None


def without_planted(text: str) -> str:
    """A text of a code without what it says to machines: rows of tables, paragraphs from where they begin to."""
    if not is_planted(text):
        return text
    parts = _PART.split(text)
    return "".join(_kept(part) for part in parts)


def _kept(part: str) -> str:
    """A paragraph up to the sentence that speaks to a machine; a row without the words in its cells that do."""
    if not is_planted(part):
        return part
    if _ROW.search(part):
        first = next((cell for cell in _ROW.split(part) if cell.strip()), "")
        return "" if is_planted(first) else "".join(map(_kept_cell, re.split(r"([|\t])", part)))
    kept = 0
    for end in _SENTENCE_END.finditer(part):
        if is_planted(part[: end.start() + 1]):
            break
        kept = end.start() + 1
    return part[:kept]


def _kept_cell(cell: str) -> str:
    """A cell without what stands in brackets and speaks to a machine; empty where the rest does too."""
    own = (
        _BRACKETS.sub(lambda match: "" if is_planted(match[0]) else match[0], cell)
        if is_planted(cell)
        else cell
    )
    return "" if is_planted(own) else own


def stands_planted(text: str, start: int, end: int) -> bool:
    """Whether what stands there in a code is said to a machine: by its sentence, or by those before it on its lines.

    A row of a table is judged by its first cell: what stands beside a value does not take it away.
    """
    end = start + len(text[start:end].rstrip())
    line = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    row = text[line : line_end if line_end >= 0 else len(text)]
    if _ROW.search(row):
        return _is_planted_cell(next((cell for cell in _ROW.split(row) if cell.strip()), ""))
    before = text[max(start - _FARTHEST, 0) : start]
    breaks = list(_PARAGRAPH_END.finditer(before))
    begins = start - len(before) + (breaks[-1].end() if breaks else 0)
    ends = _SENTENCE_END.search(text, max(end - 1, start))
    return is_planted(text[begins : min(ends.end() if ends else len(text), end + _FARTHEST)])
