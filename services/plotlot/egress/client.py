"""The one client by which PlotLot asks servers that are not its own.

Every address is held to the rules, those that redirects lead to as well, and every name is looked up once for each
connection. What a host asks of robots is kept to; so is its rate, and its word when to come back. Proxies that the
environment names are not used: nobody here checked what they would reach.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind, StatusCode, get_tracer
from yarl import URL

from plotlot.domain.circuits import Circuit
from plotlot.domain.errors import EgressRefused, PlotLotError, SourceUnavailable
from plotlot.egress.bodies import ACCEPTED, Body, TooLargeBody, UnusableBody
from plotlot.egress.keeping import Answer, KeptAnswers, still_so
from plotlot.egress.pacing import Pacing
from plotlot.egress.retries import RETRIED, pause_seconds, retry_after_seconds
from plotlot.egress.robots import MOST_BYTES, NOTHING_ALLOWED, Robots, robots_in
from plotlot.egress.rules import EgressRules, host_of, shown
from plotlot.telemetry import Egress, Metrics

if TYPE_CHECKING:
    import aiohttp

REDIRECTS = frozenset({301, 302, 303, 307, 308})
ROBOTS_SECONDS, ROBOTS_AWAY_SECONDS = 24 * 3600.0, 300.0
ROBOTS_REDIRECTS = 5  # RFC 9309, section 2.3.1.2, asks to follow at least so many
PIECE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds`` is for one attempt, from its name's look-up to its last byte; ``seconds_in_all`` for all of them."""

    seconds: float = 10.0
    seconds_in_all: float = 20.0
    connect_seconds: float = 3.0
    most_bytes: int = 8_000_000
    attempts: int = 3
    redirects: int = 3
    per_second: float = 4.0


DEFAULT_LIMITS = Limits()


class HostRests(SourceUnavailable):
    """A host was not asked at all, for it failed several times in a row a moment ago."""


class EgressClient:
    """Asks servers, and keeps what they let it keep. Close it; it opens its connections with the first question."""

    def __init__(
        self,
        rules: EgressRules,
        metrics: Metrics,
        limits: Limits = DEFAULT_LIMITS,
        *,
        now: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
        draw: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rules, self._metrics, self._limits = rules, metrics, limits
        self._now, self._today, self._draw, self._sleep = now, today, draw, sleep
        self._pacing = Pacing(limits.per_second, now)
        self._kept = KeptAnswers()
        self._robots: dict[str, tuple[float, Robots]] = {}
        self._circuits: dict[str, Circuit] = {}
        self._session: aiohttp.ClientSession | None = None
        self._tracer = get_tracer(__name__)

    async def __aenter__(self) -> "EgressClient":
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def get(
        self, url: str, *, partition: str = "", keep: bool = True, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to GET, of whatever status but those that say to come back.

        ``partition`` keeps the answers of one tenant from those of others; without ``keep`` none is used or kept.
        ``headers`` are sent besides; validators among them may be answered by status 304.
        Raises EgressRefused where a rule forbids it, SourceUnavailable where no answer can be had.
        """
        asked, ends = URL(url), self._now() + self._limits.seconds_in_all
        entry, key = self._rules.checked(asked), (partition, str(asked))
        kept = self._kept.find(key) if keep else None
        if kept is not None and kept.fresh_until > self._now():
            self._metrics.egress_requests.labels(entry, "kept").inc()
            return kept.answer
        conditions = {**(headers or {}), **(kept.conditions() if kept else {})}
        answer = await _followed(
            asked, self._limits.redirects, lambda at: self._allowed(at, conditions, ends)
        )
        if answer.status == 304 and kept is not None:
            answer = still_so(kept, answer.headers, answer.retrieved_at)
        if keep and answer.status == 200:
            self._kept.keep(key, answer, self._now())
        return answer

    async def post(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """The answer to a form, which is sent once and follows no redirect. Raises as ``get`` does."""
        asked = URL(url)
        entry = self._checked(asked)
        return await self._asked(asked, entry, headers, self._now() + self._limits.seconds_in_all, fields)

    async def _allowed(self, url: URL, conditions: dict[str, str], ends: float) -> Answer:
        """The answer at a URL that the rules and its host's robots.txt let be asked."""
        entry = self._checked(url)
        robots = await self._robots_of(url, entry, ends)
        if not robots.allow(url.raw_path_qs):
            self._metrics.egress_requests.labels(entry, "refused").inc()
            raise EgressRefused(
                f"{host_of(url)} asks robots in its robots.txt not to fetch {url.raw_path}; where its owner agreed to"
                " be asked, PLOTLOT_EGRESS_AGREED_HOSTS says so"
            )
        return await self._tried(url, entry, conditions, ends, robots.delay_seconds)

    def _checked(self, url: URL) -> str:
        try:
            return self._rules.checked(url)
        except EgressRefused:
            self._metrics.egress_requests.labels("", "refused").inc()
            raise

    async def _robots_of(self, url: URL, entry: str, ends: float) -> Robots:
        """What a host asks of robots: kept for a day; all is forbidden where it cannot be asked (RFC 9309, 2.3.1)."""
        if not self._rules.heeds_robots_of(url):
            return Robots()
        origin = str(url.origin())
        until, robots = self._robots.get(origin, (0.0, NOTHING_ALLOWED))
        if until > self._now():
            return robots
        try:
            answer = await _followed(
                URL(f"{origin}/robots.txt"),
                ROBOTS_REDIRECTS,
                lambda at: self._tried(at, self._checked(at), {}, ends, 0.0),
            )
        except SourceUnavailable as error:
            self._robots[origin] = (self._now() + ROBOTS_AWAY_SECONDS, NOTHING_ALLOWED)
            raise type(error)(
                f"{host_of(url)} cannot be asked what it forbids robots: {error.message}",
                retry_after_seconds=error.retry_after_seconds,
            ) from error
        found = (
            robots_in(answer.content[:MOST_BYTES].decode("utf-8", "replace"))
            if answer.status == 200
            else Robots()
        )
        self._robots[origin] = (self._now() + ROBOTS_SECONDS, found)
        return found

    async def _tried(
        self, url: URL, entry: str, conditions: dict[str, str], ends: float, delay_seconds: float
    ) -> Answer:
        """The answer of a host that is asked at all: one that failed several requests in a row rests for a while."""
        host, now = host_of(url), self._now()
        circuit = self._circuits.get(host, Circuit())
        if not circuit.admits(now):
            rests = max((circuit.open_until or now) - now, 0.1)
            raise HostRests(
                f"{host} failed again and again, and is left alone for {rests:.1f} s",
                retry_after_seconds=rests,
            )
        self._circuits[host] = circuit.tried(now)
        try:
            answer = await self._attempted(url, entry, conditions, ends, delay_seconds)
        except BaseException as error:
            failed = isinstance(error, SourceUnavailable) and not isinstance(error, EgressRefused)
            circuit = self._circuits[host]
            self._circuits[host] = circuit.failed(self._now()) if failed else circuit.left()
            raise
        self._circuits[host] = self._circuits[host].succeeded()
        return answer

    async def _attempted(
        self, url: URL, entry: str, conditions: dict[str, str], ends: float, delay_seconds: float
    ) -> Answer:
        """The answer of the first attempt that has one; those that failed are made again after a pause."""
        host, attempt = host_of(url), 0
        while True:
            attempt += 1
            waits, may = self._pacing.wait(host, delay_seconds, ends - self._now())
            if not may:
                raise SourceUnavailable(
                    f"{host} is to be left alone for {waits:.0f} s", retry_after_seconds=waits
                )
            await self._sleep(waits)
            asks_back: float | None = None
            try:
                answer = await self._asked(url, entry, conditions, ends)
                if answer.status not in RETRIED:
                    return answer
                asks_back = retry_after_seconds(answer.headers.get("retry-after"), self._today())
                failure = SourceUnavailable(
                    f"{host} answers {answer.status}", retry_after_seconds=asks_back or 0.0
                )
            except SourceUnavailable as error:
                if isinstance(error, EgressRefused):
                    raise
                failure = error
            pause = pause_seconds(attempt, asks_back, self._draw())
            if asks_back:
                self._pacing.leave_alone(host, asks_back)
            if attempt >= self._limits.attempts or self._now() + pause >= ends:
                raise failure
            await self._sleep(pause)

    async def _asked(
        self,
        url: URL,
        entry: str,
        headers: Mapping[str, str],
        ends: float,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """One attempt, counted and traced; spans name the host alone, for queries hold addresses of people."""
        started, result, method = self._now(), "failed", "GET" if form is None else "POST"
        with self._tracer.start_as_current_span(method, kind=SpanKind.CLIENT) as span:
            span.set_attribute(Egress.METHOD, method)
            span.set_attribute(Egress.SERVER_ADDRESS, host_of(url))
            span.set_attribute(Egress.SERVER_PORT, url.port or 0)
            try:
                answer = await self._exchanged(method, url, headers, ends, form)
                span.set_attribute(Egress.STATUS, answer.status)
                result = (
                    "unchanged" if answer.status == 304 else "answered" if answer.status < 400 else "status"
                )
                return answer
            except PlotLotError as error:
                result = "refused" if isinstance(error, EgressRefused) else "failed"
                span.set_attribute(Egress.ERROR_TYPE, error.id)
                span.set_status(StatusCode.ERROR)
                raise
            finally:
                self._metrics.egress_requests.labels(entry, result).inc()
                self._metrics.egress_seconds.labels(entry).observe(self._now() - started)

    async def _exchanged(
        self, method: str, url: URL, headers: Mapping[str, str], ends: float, form: Mapping[str, str] | None
    ) -> Answer:
        import aiohttp

        host, allowed = host_of(url), max(min(self._limits.seconds, ends - self._now()), 0.01)
        try:
            async with (
                asyncio.timeout(allowed),
                self._opened().request(
                    method, url, headers=headers, data=form, allow_redirects=False
                ) as response,
            ):
                body = Body(response.headers.get("content-encoding", ""), self._limits.most_bytes)
                async for piece in response.content.iter_chunked(PIECE_BYTES):
                    body.add(piece)
                told = {name.lower(): value for name, value in response.headers.items()}
                return Answer(shown(url), response.status, told, body.whole(), self._today())
        except TimeoutError:
            raise SourceUnavailable(f"{host} did not answer within {allowed:.3g} s") from None
        except TooLargeBody as error:
            raise EgressRefused(f"what {host} answers is not taken: {error}") from None
        except UnusableBody as error:
            raise SourceUnavailable(f"what {host} answers cannot be used: {error}") from None
        except aiohttp.ClientConnectorDNSError:
            raise SourceUnavailable(f"the name {host} is not known") from None
        except aiohttp.ClientSSLError:
            raise EgressRefused(f"{host} has no certificate that can be trusted") from None
        except (aiohttp.ClientError, OSError) as error:
            raise SourceUnavailable(
                f"{host} cannot be reached or broke off ({type(error).__name__})"
            ) from None

    def _opened(self) -> "aiohttp.ClientSession":
        if self._session is None:
            import aiohttp

            from plotlot.egress.resolving import CheckedResolver

            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=CheckedResolver(self._rules), use_dns_cache=False, limit=16, limit_per_host=4
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_seconds),
                headers={
                    "user-agent": f"PlotLot/{version('plotlot')}",
                    "accept": "application/json, */*;q=0.1",
                    "accept-encoding": ACCEPTED,
                },
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                requote_redirect_url=False,
            )
        return self._session


async def _followed(url: URL, most: int, ask: Callable[[URL], Awaitable[Answer]]) -> Answer:
    """The answer after redirects, each asked for as if it had been meant. Raises SourceUnavailable."""
    host = host_of(url)
    for _ in range(most + 1):
        answer = await ask(url)
        target = answer.headers.get("location")
        if answer.status not in REDIRECTS or not target:
            return answer
        url = _joined(url, target)
    raise SourceUnavailable(f"{host} redirects more than {most} times")


def _joined(url: URL, target: str) -> URL:
    """Where a redirect leads. Raises SourceUnavailable where that is no address."""
    try:
        return url.join(URL(target)).with_fragment(None)
    except ValueError:
        raise SourceUnavailable(f"{host_of(url)} redirects to what is no address") from None
