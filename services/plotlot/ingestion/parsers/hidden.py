"""Elements of a page that a reader does not see: they are no text of the code."""

import re
from collections.abc import Iterator
from typing import Any

_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0+(?![.\d])"
    r"|font-size\s*:\s*0*\.?0+(?![.\d])|(?:left|top|text-indent)\s*:\s*-\d{3,}|clip-path\s*:\s*inset\(\s*(?:50|100)%",
    re.IGNORECASE,
)
_NOTHING = r"(?:^|[;{\s])(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|$|!)"
_FLAT = re.compile(_NOTHING, re.IGNORECASE)
_CLIPPED = re.compile(r"overflow\s*:\s*hidden", re.IGNORECASE)
_WHITE = re.compile(
    r"(?<![\w-])color\s*:\s*(?:#fff(?:fff)?\b|white\b|transparent\b|rgba?\(\s*255\s*,\s*255\s*,\s*255)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"background(?:-color|-image)?\s*:\s*(?!\s*(?:#fff(?:fff)?|white|transparent|none|inherit|initial)\b)",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?<![\w-])color\s*:", re.IGNORECASE)
_UNSEEN_CLASSES = frozenset(
    ["element-invisible", "screen-reader-text", "sr-only", "visually-hidden", "visuallyhidden"]
)
"""What style sheets, which are not at hand, commonly call words that are there for screen readers alone."""
_RULE = re.compile(r"(?P<selectors>[^{}]+)\{(?P<body>[^{}]*)\}")
_CLASS = re.compile(r"\s*(?:[a-z][a-z0-9]*)?\.(?P<name>[\w-]+)\s*", re.IGNORECASE)


def drop_hidden(root: Any) -> None:
    """Take out of a tree what its attributes, styles and plain rules for classes hide, keeping what follows."""
    classes = _styled_classes(root)
    for element in [one for one in root.iter() if isinstance(one.tag, str)]:
        if element.getparent() is not None and _is_hidden(element, classes):
            take_out(element)


def take_out(element: Any) -> None:
    """Remove an element from its tree with all that is in it, but not the words after it."""
    parent, before, tail = element.getparent(), element.getprevious(), element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _styled_classes(root: Any) -> dict[str, str]:
    """The styles that a page gives to classes, by rules for the class alone."""
    styles: dict[str, str] = {}
    for sheet in root.iter("style"):
        for rule in _RULE.finditer("".join(sheet.itertext())):
            for selector in rule["selectors"].split(","):
                named = _CLASS.fullmatch(selector)
                if named:
                    styles[named["name"]] = f"{styles.get(named['name'], '')};{rule['body']}"
    return styles


def _is_hidden(element: Any, classes: dict[str, str]) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if not _UNSEEN_CLASSES.isdisjoint((element.get("class") or "").split()):
        return True
    style = _style(element, classes)
    if not style:
        return False
    flat = _FLAT.search(style) is not None and _CLIPPED.search(style) is not None
    return flat or _HIDDEN.search(style) is not None or _is_white(element, style, classes)


def _style(element: Any, classes: dict[str, str]) -> str:
    named = [classes[name] for name in (element.get("class") or "").split() if name in classes]
    return ";".join([*named, element.get("style") or ""]).strip(";")


def _is_white(element: Any, style: str, classes: dict[str, str]) -> bool:
    """White words on a ground that no style, here or around, makes another colour."""
    if not _WHITE.search(style):
        return False
    if any(
        _COLOUR.search(_style(inner, classes))
        for inner in element.iterdescendants()
        if isinstance(inner.tag, str)
    ):
        return False
    return not any(
        _BACKGROUND.search(_style(one, classes)) or one.get("bgcolor") for one in _with_ancestors(element)
    )


def _with_ancestors(element: Any) -> Iterator[Any]:
    yield element
    yield from element.iterancestors()
