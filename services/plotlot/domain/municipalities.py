"""Names of municipalities, as people type them."""

import re
import unicodedata

from plotlot.domain.characters import UNSEEN

_INVISIBLE = re.compile(f"[{UNSEEN}]")


def municipality_key(name: str) -> str:
    """What two spellings of one municipality share: ``"Miami, FL"`` and ``" miami ,fl "``."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name))
    parts = (" ".join(part.split()) for part in visible.casefold().split(","))
    return ", ".join(part for part in parts if part)


def municipality_name(name: str) -> str:
    """The name as shown: trimmed, one space between words, the state in capitals."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name))
    parts = [" ".join(part.split()) for part in visible.split(",")]
    parts = [part for part in parts if part]
    if len(parts) > 1 and len(parts[-1]) == 2:
        parts[-1] = parts[-1].upper()
    return ", ".join(parts)


def state_of(municipality: str) -> str:
    """The two letters behind a name."""
    return municipality.rpartition(",")[2].strip().upper()
