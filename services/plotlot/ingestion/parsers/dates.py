"""When a code took effect, where its name or its first page says so."""

import re

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WRITTEN = re.compile(
    rf"\b(?P<month>{'|'.join(_MONTHS)})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b",
    re.I,
)
_CUE = re.compile(
    r"\b(?P<cue>effective|adopted|amended|enacted|approved|current through|last updated|version|passed)\b"
    r"[^\n.]{0,40}$",
    re.I,
)
_IN_NAME = re.compile(r"eff(?:ective)?[ _-]?(?P<month>\d\d)(?P<day>\d\d)(?P<year>(?:19|20)\d\d)", re.I)
_ISO_IN_NAME = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_TOP = 6000
_PREFERENCE = ("effective", "current through", "version", "last updated", "amended", "adopted")


def effective_date(name: str, text: str) -> str | None:
    """The ISO date in the file name, or the date near the top that follows ``effective`` or the like."""
    in_name = _IN_NAME.search(name) or _ISO_IN_NAME.search(name)
    if in_name:
        return iso_date(in_name["year"], in_name["month"], in_name["day"])
    dated = []
    for match in _WRITTEN.finditer(text[:_TOP]):
        cue = _CUE.search(text[max(0, match.start() - 60) : match.start()])
        if cue:
            month = str(_MONTHS.index(match["month"].lower()) + 1)
            dated.append((_preference(cue["cue"]), iso_date(match["year"], month, match["day"])))
    found = [(rank, date) for rank, date in dated if date]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def iso_date(year: str, month: str, day: str) -> str | None:
    """``YYYY-MM-DD``, or None where there is no such day."""
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31 and int(year) >= 1800):
        return None
    return f"{int(year):04d}-{int(month):02d}-{int(day):02d}"


def _preference(cue: str) -> int:
    word = cue.lower()
    return _PREFERENCE.index(word) if word in _PREFERENCE else len(_PREFERENCE)
