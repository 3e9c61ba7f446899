"""What a Markdown file holds and no rendering of it shows: comments, and elements that their style hides."""

import re
from collections.abc import Iterator

from .hidden import hides

_COMMENT = re.compile(
    r"^[ ]{0,3}\[[^\]\[^\n]*\]:[ \t]*(?:#|<[^<>\n]*>)[ \t]*(?:\([^\n]*\)|\"[^\n]*\"|'[^\n]*')[ \t]*$",
    re.MULTILINE,
)
"""A definition of a link that leads nowhere, whose title is the comment."""
_TAG = re.compile(r"<(?P<name>[a-z][a-z0-9]{0,20})(?P<attributes>\b[^<>\n]{0,500})>", re.IGNORECASE)
_UNSHOWN = frozenset(["script", "style", "template"])


def without_unseen(text: str) -> str:
    """The text as a rendering shows it; where it has neither comments nor markup, the text itself."""
    if "<" in text:
        text = _cut(text, _comments(text))
        text = _cut(text, _elements(text))
    return _COMMENT.sub("", text) if "]:" in text else text


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Where each comment of HTML stands; one that is never closed is none."""
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        yield start, end + 3
        start = text.find("<!--", end + 3)


def _elements(text: str) -> Iterator[tuple[int, int]]:
    """Where each element stands that is not shown, to its first closing tag."""
    lower, after = text.lower(), 0
    for tag in _TAG.finditer(text):
        name = tag["name"].lower()
        if tag.start() < after or not (name in _UNSHOWN or hides(tag["attributes"])):
            continue
        closing = lower.find(f"</{name}", tag.end())
        end = text.find(">", closing) if closing >= 0 else -1
        if end >= 0:
            after = end + 1
            yield tag.start(), after


def _cut(text: str, spans: Iterator[tuple[int, int]]) -> str:
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])
