"""A runbook as a program: what Diagnosis runs, and for each cause under Mitigation its sign and what mends it.

``runbooks/README.md`` says how one is written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from plotlot.domain.errors import InvalidRequest

HEADINGS = ("Meaning", "Impact", "Diagnosis", "Mitigation")
_HEADING = re.compile(r"^(#{2,3}) (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_SIGN = re.compile(r"^Seen: `(.+)`$", re.MULTILINE)


@dataclass(frozen=True)
class Cause:
    """A cause under Mitigation; ``sign`` is a regular expression, and the empty one fits always."""

    name: str
    sign: str
    scripts: tuple[str, ...]

    def shown_by(self, diagnosis: str) -> bool:
        """Whether a line of what Diagnosis printed shows it."""
        return re.search(self.sign, diagnosis, re.MULTILINE) is not None


@dataclass(frozen=True)
class Runbook:
    """What a runbook runs."""

    alert: str
    diagnosis: tuple[str, ...]
    causes: tuple[Cause, ...]

    def cause(self, diagnosis: str) -> Cause | None:
        """The first cause that fits what Diagnosis printed and says what to run."""
        return next((each for each in self.causes if each.scripts and each.shown_by(diagnosis)), None)


def read_runbook(alert: str, text: str) -> Runbook:
    """The runbook in a Markdown text. Raises InvalidRequest where it is not written as one."""
    parts = dict(_divided(text, "##"))
    if missing := [heading for heading in HEADINGS if heading not in parts]:
        raise InvalidRequest(f"the runbook {alert} has no heading {missing[0]!r}")
    causes = tuple(_cause(name, body) for name, body in _divided(parts["Mitigation"], "###"))
    if not causes:
        causes = (_cause("", parts["Mitigation"]),)
    return Runbook(alert, blocks(parts["Diagnosis"]), causes)


def blocks(text: str) -> tuple[str, ...]:
    """The bash scripts of a text: its blocks that are marked ``sh``."""
    return tuple(found[1] for found in _BLOCK.finditer(text))


def _cause(name: str, body: str) -> Cause:
    found = _SIGN.search(body)
    sign = found[1] if found else ""
    try:
        re.compile(sign)
    except re.error as error:
        raise InvalidRequest(
            f"{name!r} is seen by {sign!r}, which is no regular expression: {error}"
        ) from error
    return Cause(name, sign, blocks(body))


def _divided(text: str, level: str) -> Iterator[tuple[str, str]]:
    """The headings of a level, each with the text down to the next one; blocks are not looked into for headings."""
    covered = _FENCED.sub(lambda block: re.sub("[^\n]", " ", block[0]), text)
    found = [each for each in _HEADING.finditer(covered) if each[1] == level]
    for each, after in zip_longest(found, found[1:]):
        yield each[2].strip(), text[each.end() : after.start() if after else len(text)]
