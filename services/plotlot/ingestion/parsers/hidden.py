"""Elements of a page that a reader does not see: they are no text of the code."""

import re
from collections.abc import Iterator
from typing import Any

_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|content-visibility\s*:\s*hidden"
    r"|opacity\s*(?::|\()\s*0*\.?0+(?![.\d])|(?:left|top|text-indent)\s*:\s*-\d{3,}"
    r"|font-size\s*:\s*(?:0*\.?0+(?![.\d])|(?:0*\.\d+|[0-2](?:\.\d+)?)(?:px|pt))"
    r"|clip-path\s*:\s*(?:inset\(\s*(?:50|100)%|circle\(\s*0)|clip\s*:\s*rect\(\s*0(?:px)?[\s,]+0(?:px)?[\s,]+0(?:px)?[\s,]+0"
    r"|scale(?:3d)?\(\s*0*\.?0+\s*[,)]|scale\s*:\s*0*\.?0+(?![.\d])",
    re.IGNORECASE,
)
_NOTHING = r"(?:^|[;{\s])(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|$|!)"
_FLAT = re.compile(_NOTHING, re.IGNORECASE)
_CLIPPED = re.compile(r"overflow\s*:\s*hidden", re.IGNORECASE)
_PALE = (
    r"(?:#f{3,4}\b|#(?:f[a-f]){3,4}\b|white\b|snow\b|ivory\b|rgba?\(\s*25[0-5]\s*,\s*25[0-5]\s*,\s*25[0-5])"
)
_WHITE = re.compile(
    rf"(?<![\w-])color\s*:\s*(?:{_PALE}|transparent\b|#[0-9a-f]{{6}}00\b|rgba\([^)]*,\s*0*\.?0*\s*\))",
    re.IGNORECASE,
)
_WHITE_ATTRIBUTE = re.compile(_PALE, re.IGNORECASE)
_BACKGROUND = re.compile(
    rf"background(?:-color|-image)?\s*:\s*(?!\s*(?:{_PALE}|(?:transparent|none|inherit|initial)\b))",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?<![\w-])color\s*:", re.IGNORECASE)
_UNSEEN_CLASSES = frozenset(
    ["element-invisible", "screen-reader-text", "sr-only", "visually-hidden", "visuallyhidden"]
)
"""What style sheets, which are not at hand, commonly call words that are there for screen readers alone."""
_ATTRIBUTE = re.compile(r"(?<![\w\-'\"=])(?:hidden(?![\w-])|aria-hidden\s*=\s*[\"']?true)", re.IGNORECASE)
_RULE = re.compile(r"(?P<selectors>[^{}]+)\{(?P<body>[^{}]*)\}")
_SELECTOR = re.compile(r"\s*(?:[a-z][a-z0-9]*)?(?P<name>[.#][\w-]+)\s*", re.IGNORECASE)


def drop_hidden(root: Any) -> None:
    """Take out of a tree what its attributes, styles and plain rules for classes and ids hide, keeping what follows."""
    styles = _styles_by_selector(root)
    for element in [one for one in root.iter() if isinstance(one.tag, str)]:
        if element.getparent() is not None and _is_hidden(element, styles):
            take_out(element)


def hides(attributes: str) -> bool:
    """Whether the attributes of a tag, as they are written, hide its element."""
    return _ATTRIBUTE.search(attributes) is not None or _HIDDEN.search(attributes) is not None


def take_out(element: Any) -> None:
    """Remove an element from its tree with all that is in it, but not the words after it."""
    parent, before, tail = element.getparent(), element.getprevious(), element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _styles_by_selector(root: Any) -> dict[str, str]:
    """The styles that a page gives to classes and ids, by rules for one of them alone: ``.note`` or ``#note``."""
    styles: dict[str, str] = {}
    for sheet in root.iter("style"):
        for rule in _RULE.finditer("".join(sheet.itertext())):
            for selector in rule["selectors"].split(","):
                named = _SELECTOR.fullmatch(selector)
                if named:
                    styles[named["name"]] = f"{styles.get(named['name'], '')};{rule['body']}"
    return styles


def _is_hidden(element: Any, styles: dict[str, str]) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if not _UNSEEN_CLASSES.isdisjoint((element.get("class") or "").split()):
        return True
    style = _style(element, styles)
    if not style and element.get("color") is None:
        return False
    flat = _FLAT.search(style) is not None and _CLIPPED.search(style) is not None
    return flat or _HIDDEN.search(style) is not None or _is_white(element, style, styles)


def _style(element: Any, styles: dict[str, str]) -> str:
    names = [f".{name}" for name in (element.get("class") or "").split()] + [f"#{element.get('id') or ''}"]
    named = [styles[name] for name in names if name in styles]
    return ";".join([*named, element.get("style") or ""]).strip(";")


def _is_white(element: Any, style: str, styles: dict[str, str]) -> bool:
    """White words on a ground that no style, here or around, makes another colour."""
    if not _WHITE.search(style) and not _WHITE_ATTRIBUTE.match(element.get("color") or ""):
        return False
    if any(
        _COLOUR.search(_style(inner, styles))
        for inner in element.iterdescendants()
        if isinstance(inner.tag, str)
    ):
        return False
    return not any(
        _BACKGROUND.search(_style(one, styles)) or one.get("bgcolor") for one in _with_ancestors(element)
    )


def _with_ancestors(element: Any) -> Iterator[Any]:
    yield element
    yield from element.iterancestors()
