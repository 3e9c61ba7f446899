"""What a question in words asks for: the fields it names, and the words that may be a district."""

import itertools
import re

_FIELDS: tuple[tuple[str, str], ...] = (
    (r"front (yard|setback)|set\s?back.*\bfront\b", "front_setback"),
    (r"street side (yard|setback)|corner side", "street_side_setback"),
    (r"(?<!street )side (yard|setback)|set\s?back.*\bside\b", "side_setback"),
    (r"rear (yard|setback)|back ?yard|set\s?back.*\brear\b", "rear_setback"),
    (r"\bsetbacks\b|\byards\b", "front_setback side_setback rear_setback"),
    (r"\bheight\b|how (tall|high)", "max_height max_stories"),
    (r"\bstor(y|ies|eys?)\b", "max_stories"),
    (r"(lot|building|site) coverage|cover", "max_lot_coverage"),
    (r"impervious", "max_impervious"),
    (r"floor area ratio|\bfar\b|floor lot ratio", "max_far"),
    (r"(minimum|smallest|lot) (lot )?(size|area)|how (big|large).*\blot\b", "min_lot_area"),
    (r"lot width|how wide", "min_lot_width"),
    (r"lot depth|how deep", "min_lot_depth"),
    (r"densit|units per acre|dwelling units an acre", "max_density"),
    (r"how many (units|dwellings|homes|houses|apartments)", "max_units_per_lot max_density"),
    (r"parking", "parking_per_unit"),
    (r"open space", "min_open_space"),
)


def fields_asked(question: str) -> tuple[str, ...]:
    """The fields that a question names, in the order in which they are listed."""
    lowered = " ".join(question.lower().split())
    found: dict[str, None] = {}
    for pattern, names in _FIELDS:
        if re.search(pattern, lowered):
            found.update(dict.fromkeys(names.split()))
    return tuple(found)


def words_of(question: str) -> tuple[str, ...]:
    """The words of a question, and each two neighbours: a district may be written as ``R 1``."""
    words = re.findall(r"[\w./&-]+", question)
    words = [word.strip(".-/") for word in words]
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    return tuple(word for word in (*words, *pairs) if word)
