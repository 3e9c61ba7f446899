"""The client against a real server on this machine, which misbehaves."""

import asyncio
import gzip
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from replayed_sources import ReplayingServer, Reply, replaying

from plotlot.domain.errors import EgressRefused, SourceUnavailable
from plotlot.egress.client import EgressClient, Limits
from plotlot.egress.rules import EgressRules
from plotlot.telemetry import Metrics


@pytest.fixture
def server() -> Iterator[ReplayingServer]:
    with replaying() as running:
        yield running


class Sleeps:
    """Notes how long it was to sleep, and does not."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        if seconds:
            self.seconds.append(seconds)


def client_of(
    server: ReplayingServer,
    limits: Limits | None = None,
    agreed: frozenset[str] = frozenset(),
    **also: Any,
) -> EgressClient:
    rules = EgressRules(own=frozenset({server.host}), agreed=agreed)
    also.setdefault("metrics", Metrics())
    also.setdefault("sleep", Sleeps())
    return EgressClient(rules, limits=limits or Limits(), draw=lambda: 0.5, **also)


def counted(metrics: Metrics, host: str) -> dict[str, float]:
    found = {}
    for metric in metrics.egress_requests.collect():
        for sample in metric.samples:
            if sample.name.endswith("_total") and sample.labels["host"] == host:
                found[sample.labels["result"]] = sample.value
    return found


async def test_an_answer_and_what_is_sent(server: ReplayingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server.says("/layer", Reply(body=gzip.compress(b'{"a": 1}'), headers={"content-encoding": "gzip"}))
    async with client_of(server) as client:
        answer = await client.get(f"{server.url}/layer?address=100+Main+St")
    assert answer.content == b'{"a": 1}'
    assert answer.url == f"{server.url}/layer"
    assert server.asked[0].query == {"address": "100 Main St"}
    assert server.asked[0].headers["user-agent"].startswith("plotlot/")
    assert "cookie" not in server.asked[0].headers


async def test_kept_answers_are_asked_for_by_their_validators(server: ReplayingServer) -> None:
    metrics = Metrics()
    changed = Reply(body=b"1", headers={"etag": '"1"'})
    server.answers["/a"] = lambda asked: Reply(304, b"") if "if-none-match" in asked.headers else changed
    server.says("/b", Reply(body=b"2", headers={"cache-control": "max-age=60"}))
    async with client_of(server, metrics=metrics) as client:
        for _ in range(2):
            assert (await client.get(f"{server.url}/a")).content == b"1"
            assert (await client.get(f"{server.url}/b")).content == b"2"
        assert [asked.path for asked in server.asked] == ["/a", "/b", "/a"]
        await client.get(f"{server.url}/b", partition="another")
        await client.get(f"{server.url}/b", keep=False)
        assert len(server.asked) == 5
    assert counted(metrics, server.host) == {"status": 1, "answered": 4, "unchanged": 1, "kept": 1}


async def test_what_failed_is_asked_again_after_a_pause(server: ReplayingServer) -> None:
    sleeps = Sleeps()
    server.says("/a", Reply(503), Reply(429, headers={"retry-after": "2"}), Reply(body=b"now"))
    async with client_of(server, sleep=sleeps) as client:
        assert (await client.get(f"{server.url}/a")).content == b"now"
    assert len(server.asked) == 3
    assert sleeps.seconds[0] == 0.25
    assert 2 < sleeps.seconds[1] < 2.5


async def test_a_host_that_wants_to_be_left_alone_is(server: ReplayingServer) -> None:
    server.says("/a", Reply(429, headers={"retry-after": "600"}))
    async with client_of(server) as client:
        for _ in range(3):
            with pytest.raises(SourceUnavailable) as raised:
                await client.get(f"{server.url}/a")
            assert 590 < raised.value.retry_after_seconds <= 600
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(500), "answers 500"),
        (Reply(delay_seconds=5), "did not answer within 1 s"),
        (Reply(body=b"x" * 100, drip_seconds=0.2), "did not answer within 1 s"),
        (Reply(body=b'{"a": 1}', cut=True), "broke off"),
        (Reply(body=b"x" * 2_000), "more than 0.001 MB"),
        (Reply(body=b"x", headers={"content-length": "9000000000"}), "broke off"),
        (
            Reply(body=gzip.compress(b"x" * 9_000_000), headers={"content-encoding": "gzip"}),
            "more than 0.001 MB",
        ),
        (Reply(headers={"x-long": "y" * 20_000}), "broke off"),
    ],
)
async def test_what_cannot_be_used(server: ReplayingServer, reply: Reply, words: str) -> None:
    server.says("/a", reply)
    seconds = 1 if words.endswith("1 s") else 20  # a busy machine is slow too
    async with client_of(server, Limits(seconds=seconds, most_bytes=1_000, attempts=2)) as client:
        with pytest.raises(SourceUnavailable, match=words):
            await client.get(f"{server.url}/a")
    assert len(server.asked) == (1 if words.startswith("more than") else 2)


async def test_who_is_not_there(server: ReplayingServer) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = f"127.0.0.1:{probe.getsockname()[1]}"
    hosts = frozenset({free, "nowhere.invalid"})
    rules = EgressRules(own=hosts, agreed=hosts)
    async with EgressClient(rules, Metrics(), Limits(attempts=1)) as client:
        with pytest.raises(SourceUnavailable, match="cannot be reached"):
            await client.get(f"http://{free}/")
        with pytest.raises(SourceUnavailable, match=r"the name nowhere\.invalid is not known"):
            await client.get("http://nowhere.invalid/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(server: ReplayingServer, status: int) -> None:
    server.says("/a", Reply(status, headers={"location": "b?x=1"}))
    server.says("/b", Reply(body=b"there"))
    async with client_of(server) as client:
        answer = await client.get(f"{server.url}/a")
    assert (answer.content, answer.url, server.asked[-1].query) == (b"there", f"{server.url}/b", {"x": "1"})


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/",
        "//10.0.0.1/",
        "https://elsewhere.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
    ],
)
async def test_redirects_are_held_to_the_rules(server: ReplayingServer, target: str) -> None:
    metrics = Metrics()
    server.says("/a", Reply(302, headers={"location": target}))
    async with client_of(server, metrics=metrics) as client:
        with pytest.raises(EgressRefused):
            await client.get(f"{server.url}/a")
    assert len(server.asked) == 1
    assert counted(metrics, "") == {"refused": 1}


async def test_redirects_without_end(server: ReplayingServer) -> None:
    server.says("/a", Reply(302, headers={"location": "/a"}))
    async with client_of(server) as client:
        with pytest.raises(SourceUnavailable, match="more than 3 times"):
            await client.get(f"{server.url}/a")
    assert len(server.asked) == 4


async def test_a_name_is_looked_up_once_and_goes_to_what_was_checked(
    server: ReplayingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that would be public when it is checked and private when it is connected to has only one chance."""
    looked_up: list[str] = []
    addresses = ["93.184.216.34"]

    async def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    server.says("/a", Reply(body=b"mine"))
    host = frozenset({f"maps.example:{server.port}"})
    own = EgressRules(own=host, agreed=host)
    addresses[:] = ["127.0.0.1"]
    async with EgressClient(own, Metrics()) as client:
        assert (await client.get(f"http://maps.example:{server.port}/a")).content == b"mine"
    assert looked_up == ["maps.example"]
    public = EgressRules(host, agreed=host)
    for found in (["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"]):
        addresses[:] = found
        async with EgressClient(public, Metrics()) as client:
            with pytest.raises(EgressRefused, match="no address of the internet"):
                await client.get(f"https://maps.example:{server.port}/a")
    assert len(server.asked) == 1
    assert len(looked_up) == 5


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody vouches for."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    today = datetime.now(UTC)
    named = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(named, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "both.pem").write_bytes(plain + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


async def test_who_has_no_certificate_is_not_asked(tmp_path: Path) -> None:
    with replaying(self_signed(tmp_path)) as server:
        async with client_of(server) as client:
            with pytest.raises(EgressRefused, match="no certificate that can be trusted"):
                await client.get(f"https://{server.host}/a")
        assert server.asked == []


async def test_robots_are_heeded(server: ReplayingServer) -> None:
    server.robots = Reply(body=b"User-agent: *\nDisallow: /closed\n")
    server.says("/open", Reply())
    async with client_of(server) as client:
        await client.get(f"{server.url}/open")
        with pytest.raises(EgressRefused, match=r"robots\.txt not to fetch /closed"):
            await client.get(f"{server.url}/closed?x=1")
    assert [asked.path for asked in server.asked] == ["/open"]
    host = frozenset({server.host})
    async with EgressClient(EgressRules(own=host, agreed=host), Metrics()) as agreed:
        server.says("/closed", Reply())
        assert (await agreed.get(f"{server.url}/closed?x=1")).status == 200


async def test_all_is_forbidden_where_robots_cannot_be_asked(server: ReplayingServer) -> None:
    server.robots = Reply(503)
    async with client_of(server) as client:
        for _ in range(2):
            with pytest.raises(SourceUnavailable, match="robots"):
                await client.get(f"{server.url}/a")
    assert server.asked == []


@pytest.mark.parametrize(("times", "heeded"), [(5, True), (6, False)])
async def test_what_robots_are_asked_is_followed_to_where_it_lies(
    server: ReplayingServer, times: int, heeded: bool
) -> None:
    server.robots = Reply(301, headers={"location": "/moved-1"})
    for place in range(1, times):
        server.says(f"/moved-{place}", Reply(302, headers={"location": f"/moved-{place + 1}"}))
    server.says(f"/moved-{times}", Reply(body=b"User-agent: *\nDisallow: /closed\n"))
    server.says("/open", Reply(body=b"open"))
    async with client_of(server) as client:
        if heeded:
            assert (await client.get(f"{server.url}/open")).content == b"open"
        with pytest.raises(SourceUnavailable, match="not to fetch" if heeded else "more than 5 times"):
            await client.get(f"{server.url}/closed")


async def test_spans_name_the_host_and_never_the_query(server: ReplayingServer) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    server.says("/a", Reply())
    client = client_of(server, agreed=frozenset({server.host}))
    client._tracer = provider.get_tracer("test")
    async with client:
        await client.get(f"{server.url}/a?address=100+Secret+St")
    (span,) = exporter.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["server.address"] == "127.0.0.1"
    assert span.attributes["http.response.status_code"] == 200
    assert "Secret" not in span.to_json()


async def test_a_host_that_fails_again_and_again_is_left_alone_and_tried_once_later(
    server: ReplayingServer,
) -> None:
    clock = [0.0]
    server.says("/a", Reply(503, b""))
    server.says("/b", Reply(body=b"1"))
    async with client_of(server, Limits(attempts=1, per_second=1000), now=lambda: clock[0]) as client:
        for _ in range(3):
            with pytest.raises(SourceUnavailable, match="answers 503"):
                await client.get(f"{server.url}/a")
        with pytest.raises(SourceUnavailable, match="left alone") as refused:
            await client.get(f"{server.url}/b")
        assert refused.value.retry_after_seconds > 0
        assert [asked.path for asked in server.asked] == ["/a"] * 3
        clock[0] += 2.0
        assert (await client.get(f"{server.url}/b")).content == b"1"
        assert (await client.get(f"{server.url}/b")).content == b"1"


async def test_headers_that_a_host_wants_are_sent_and_its_304_is_told(server: ReplayingServer) -> None:
    server.answers["/a"] = lambda asked: (
        Reply(304, b"") if "if-none-match" in asked.headers else Reply(401, b"")
    )
    async with client_of(server) as client:
        answer = await client.get(
            f"{server.url}/a", keep=False, headers={"if-none-match": '"1"', "x-csrf": "1"}
        )
    assert answer.status == 304
    assert server.asked[0].headers["x-csrf"] == "1"
