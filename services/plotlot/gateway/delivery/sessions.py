"""Whose requests belong together: by cookies for pages, by a header for callers of the API.

The cookie of the lane tells the route which bundle a session met, so that nobody meets both in turn.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace

SESSION, LANE = "plotlot-session", "plotlot-lane"
ROUTE, WEIGHED = "plotlot-route", "weighed"  # the route's word that its weights chose the bundle
LIFE_SECONDS = 1800
CLOCKS_APART_SECONDS = 60  # what the clocks of two gateways may differ
REMEMBERED = 10_000
_COOKIE = re.compile(r"(?P<id>[0-9a-f]{16})\.(?P<started>[0-9]{1,12})")
_SENT = re.compile(r"[A-Za-z0-9._:-]{1,128}")


@dataclass(frozen=True, slots=True)
class Session:
    """``started_at`` in Unix seconds: when the route chose the bundle that it meets. Only cookies hold a session
    to one: any other is weighed anew with each request. Without an id, a request by itself."""

    id: str
    started_at: float
    begins: bool


@dataclass(slots=True)
class Visit:
    """One request of a session: whether the route's weights chose its bundle, whether its cookies were set, and
    what was noted of it already."""

    session: Session
    weighed: bool = False
    begun: bool = False
    counted: bool = False
    told: bool = False


current_visit: ContextVar[Visit | None] = ContextVar("current_visit", default=None)


class Sessions:
    """Tells the session of each request; ``now`` is in Unix seconds, ``new_id`` makes 16 hex digits."""

    def __init__(self, bundle: str, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._bundle = bundle
        self._now = now
        self._new_id = new_id
        self._met: OrderedDict[str, None] = OrderedDict()

    def of_page(self, cookies: Mapping[str, str]) -> tuple[Session, list[str]]:
        """The session of a request for a page, and the cookies to set: of a session that met another bundle,
        or none, a new one begins."""
        session = self._in_cookie(cookies)
        if session is not None and cookies.get(LANE) == self._bundle:
            return session, []
        begun = Session(self._new_id(), float(int(self._now())), begins=True)
        return begun, [cookie(SESSION, f"{begun.id}.{begun.started_at:.0f}"), cookie(LANE, self._bundle)]

    def of_call(self, sent: str, cookies: Mapping[str, str]) -> Session:
        """The session of any other request: that of its header, of its cookie, or its own."""
        if _SENT.fullmatch(sent):
            return self._named(sent)
        session = self._in_cookie(cookies) or Session("", self._now(), begins=True)
        return session if cookies.get(LANE) == self._bundle else replace(session, started_at=self._now())

    def _in_cookie(self, cookies: Mapping[str, str]) -> Session | None:
        """The cookie's session; none where it is not one of ours, too old, or of a time to come."""
        found = _COOKIE.fullmatch(cookies.get(SESSION, ""))
        if found is None:
            return None
        started, now = float(found["started"]), self._now()
        alive = now - LIFE_SECONDS - CLOCKS_APART_SECONDS <= started <= now + CLOCKS_APART_SECONDS
        return Session(found["id"], started, begins=False) if alive else None

    def _named(self, name: str) -> Session:
        """A session that its caller named; it begins where this gateway hears of it first."""
        known = name in self._met
        if not known and len(self._met) >= REMEMBERED:
            self._met.popitem(last=False)
        self._met[name] = None
        return Session(name, self._now(), begins=not known)


def cookie(name: str, value: str) -> str:
    """A Set-Cookie header: for this site only, out of the reach of scripts, for half an hour."""
    return f"{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={LIFE_SECONDS}"
