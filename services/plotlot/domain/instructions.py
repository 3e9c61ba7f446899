"""Text that speaks to a machine and not of a code: in questions it is left out, in codes it is not quoted."""

import re

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
    |\b(?:language|AI)\s+models?\b|\bautomated\s+(?:assistants?|readers?)\b|\bchat\s?bots?\b
    |\bsystem\s+prompt\b|\bdeveloper\s+message\b|\bas\s+an\s+AI\b|\byou\s+are\s+(?:now\s+)?an?\s+(?:AI|assistant|chat)\b
    |^\W*(?:assistant|system)\s*:\s
    """,
    re.I | re.X,
)


def without_instructions(question: str) -> str:
    """What a question asks of the code; empty where all of it is said to the machine."""
    pieces = _PIECE.split(_TAGGED.sub(" ", question))
    return " ".join(piece.strip() for piece in pieces if piece.strip() and not _TO_A_MACHINE.search(piece))


def is_planted(text: str) -> bool:
    """Whether a text, standing in a code, speaks to whatever program reads it."""
    return _PLANTED.search(text) is not None
