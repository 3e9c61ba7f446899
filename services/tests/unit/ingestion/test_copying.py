"""Rows in the format that Postgres documents for COPY, "Binary Format"."""

import struct

import numpy as np

from plotlot.ingestion.copying import HEADER, TRAILER, binary_rows, halfvec


def test_a_row_is_its_number_of_fields_then_each_with_its_length() -> None:
    header, row, trailer = binary_rows([(7, "é", b"\1\2")])
    assert (header, trailer) == (HEADER, TRAILER)
    assert header[:11] == b"PGCOPY\n\xff\r\n\0"
    assert len(header) == 19
    assert row == b"\0\3" + b"\0\0\0\4\0\0\0\7" + b"\0\0\0\2\xc3\xa9" + b"\0\0\0\2\1\2"
    assert trailer == b"\xff\xff"


def test_no_rows_are_a_stream_too() -> None:
    assert b"".join(binary_rows([])) == HEADER + TRAILER


def test_a_vector_is_its_size_and_halves_nearest_to_its_numbers() -> None:
    numbers = np.array([1.0, -0.1, 0.00001], "<f4")
    sent = halfvec(numbers.tobytes())
    assert struct.unpack("!hh", sent[:4]) == (3, 0)
    assert np.frombuffer(sent[4:], ">f2").tolist() == numbers.astype(np.float16).tolist()
