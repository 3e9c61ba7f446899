"""Rows for COPY in Postgres' binary format: vectors go as they are kept, neither written out nor read as numbers."""

import struct
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)

Value = int | str | bytes


def binary_rows(rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The rows as a stream: integers as int4, text in UTF-8, bytes as their type sends itself."""
    yield HEADER
    for row in rows:
        yield struct.pack("!h", len(row)) + b"".join(field(value) for value in row)
    yield TRAILER


def field(value: Value) -> bytes:
    """A value after its length."""
    if isinstance(value, int):
        return struct.pack("!ii", 4, value)
    content = value.encode() if isinstance(value, str) else value
    return struct.pack("!i", len(content)) + content


def halfvec(vector: bytes) -> bytes:
    """Little-endian float32 numbers as pgvector sends its halfvec: how many, then each in two bytes."""
    halves = np.frombuffer(vector, "<f4").astype(">f2")
    return struct.pack("!hh", len(halves), 0) + halves.tobytes()
