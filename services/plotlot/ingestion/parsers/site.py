"""What of a town's page is its code: not the banner, the lists of links and the address that the site puts around it."""

import re
from typing import Any

from .hidden import take_out

_PAGE_PARTS = frozenset(("header", "footer", "aside"))
_FOOTER = re.compile(r"(?:^|[\s_-])(?:site|page|main|global)?-?footer(?=$|[\s_-])", re.IGNORECASE)
_LEAST_SHARE = 0.5
_SMALL_SHARE = 0.1
_LINKED = 0.6


def code_of_site(root: Any) -> Any:
    """The one ``main`` of a page where it holds most of the words, otherwise the page without its site's parts."""
    mains = [one for one in root.iter() if one.tag == "main" or _attribute(one, "role") == "main"]
    words = _words(root)
    if len(mains) == 1 and _words(mains[0]) >= _LEAST_SHARE * words:
        root = mains[0]
    for element in [one for one in root.iter() if one is not root and _belongs_to_site(one, words)]:
        take_out(element)
    return root


def _belongs_to_site(element: Any, words: int) -> bool:
    """Whether a banner, a side column or a footer is small or little but links."""
    named = _FOOTER.search(f"{_attribute(element, 'id')} {_attribute(element, 'class')}") is not None
    if not (element.tag in _PAGE_PARTS or named) or any(
        one.tag in ("article", "table") for one in element.iterancestors()
    ):
        return False
    own = _words(element)
    linked = sum(_words(link) for link in element.iter("a", "button"))
    small = (element.tag == "footer" or named) and own <= _SMALL_SHARE * words
    return own > 0 and (small or linked >= _LINKED * own)


def _attribute(element: Any, name: str) -> str:
    return (element.get(name) or "") if isinstance(element.tag, str) else ""


def _words(element: Any) -> int:
    return sum(len(text.strip()) for text in element.itertext())
