import gzip
import zlib

import pytest

from plotlot.egress.bodies import Body, UnusableBody


def read(encoding: str, packed: bytes, most: int = 10_000, piece: int = 100) -> bytes:
    body = Body(encoding, most)
    for at in range(0, len(packed), piece):
        body.add(packed[at : at + piece])
    return body.whole()


@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_packed_and_plain_are_read_alike(piece: int) -> None:
    text = bytes(range(256)) * 30
    assert read("", text, piece=piece) == text
    assert read("GZip", gzip.compress(text), piece=piece) == text
    assert read("deflate", zlib.compress(text), piece=piece) == text
    assert read("gzip", b"") == b""


@pytest.mark.parametrize(
    ("encoding", "packed", "words"),
    [
        ("", b"x" * 10_001, "more than 0.01 MB"),
        ("gzip", gzip.compress(b"x" * 50_000_000, mtime=0), "more than 0.01 MB"),
        ("gzip", gzip.compress(b"whole", mtime=0)[:-3], "broke off"),
        ("gzip", gzip.compress(b"one", mtime=0) + gzip.compress(b"two", mtime=0), "behind its end"),
        ("gzip", b"no gzip at all", "cannot be unpacked"),
        ("br", b"", "was not asked for"),
        ("gzip, gzip", b"", "was not asked for"),
    ],
)
def test_refused(encoding: str, packed: bytes, words: str) -> None:
    with pytest.raises(UnusableBody, match=words):
        read(encoding, packed)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    body = Body("gzip", 10_000)
    with pytest.raises(UnusableBody):
        body.add(gzip.compress(b"\0" * 20_000_000))
    assert len(body._content) <= 10_001
