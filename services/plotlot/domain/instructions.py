"""Text that speaks to a machine and not of a code: in questions it is left out, in codes it is not quoted."""

import re
import unicodedata

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
        (?:\s+(?:only|just|with|that|yes|it|the\s+word|your)\b|\W*$)
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
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁԛԝАВЕКМНОРСТУХІЈЅαοινερτΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsdqwABEKMHOPCTYXIJSaoivertABEZHIKMNOPTYX"
)
_ROW = re.compile(r"[|\t]")
_PARAGRAPH_END = re.compile(r"\n\s*\n|\f|(?<=[.!?])[ \t]*\n")
_SENTENCE_END = re.compile(r"[.!?;]\s|\n\s*\n|\f|\Z")
_FARTHEST = 1500  # characters before a value in which something may have been said to a machine


def without_instructions(question: str) -> str:
    """What a question asks of the code; empty where all of it is said to the machine."""
    pieces = _PIECE.split(_TAGGED.sub(" ", question))
    return " ".join(piece.strip() for piece in pieces if piece.strip() and not _TO_A_MACHINE.search(piece))


def is_planted(text: str) -> bool:
    """Whether a text, standing in a code, speaks to whatever program reads it, in whichever letters."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).translate(_LOOKALIKES)
    return _PLANTED.search(text) is not None


def stands_planted(text: str, start: int, end: int) -> bool:
    """Whether what stands there in a code is said to a machine: by its sentence, or by those before it on its lines.

    A row of a table is judged by its first cell: what stands beside a value does not take it away.
    """
    end = start + len(text[start:end].rstrip())
    line = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    row = text[line : line_end if line_end >= 0 else len(text)]
    if _ROW.search(row):
        return is_planted(next((cell for cell in _ROW.split(row) if cell.strip()), ""))
    before = text[max(start - _FARTHEST, 0) : start]
    breaks = list(_PARAGRAPH_END.finditer(before))
    begins = start - len(before) + (breaks[-1].end() if breaks else 0)
    ends = _SENTENCE_END.search(text, max(end - 1, start))
    return is_planted(text[begins : min(ends.end() if ends else len(text), end + _FARTHEST)])
