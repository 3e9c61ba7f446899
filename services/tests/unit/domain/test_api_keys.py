"""API keys as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.api_keys import ID_BYTES, SECRET_BYTES, api_key_of, read_api_key

RANDOM = st.binary(min_size=ID_BYTES + SECRET_BYTES, max_size=ID_BYTES + SECRET_BYTES)
KEY = api_key_of(bytes(range(ID_BYTES + SECRET_BYTES)))


@given(RANDOM)
def test_a_key_is_read_as_it_was_made(random: bytes) -> None:
    key = api_key_of(random)
    assert read_api_key(key.text) == key
    assert key.secret.encode() not in key.digest


@given(st.integers(0, len(KEY.text) - 1), st.sampled_from("0123456789abcdefXYZ_ "))
def test_a_key_with_one_character_wrong_is_none(place: int, character: str) -> None:
    text = KEY.text[:place] + character + KEY.text[place + 1 :]
    assert read_api_key(text) is None or text == KEY.text


@pytest.mark.parametrize(
    "text", ["", "plk_", KEY.text + "0", KEY.text.upper(), f" {KEY.text}", KEY.text + "\n"]
)
def test_what_was_never_handed_out_is_none(text: str) -> None:
    assert read_api_key(text) is None


def test_a_key_does_not_show_its_secret_by_accident() -> None:
    assert KEY.secret not in repr(KEY)
