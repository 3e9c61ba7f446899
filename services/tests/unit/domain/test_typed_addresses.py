"""What of an address that is still being typed can be looked for."""

import pytest

from plotlot.domain.typed_addresses import completions, typed_address


@pytest.mark.parametrize(
    ("typed", "line", "number", "town"),
    [
        ("", "", "", ""),
        ("1", "1", "1", ""),
        ("100 South Main Street", "100 s main st", "100", ""),
        ("100 S Main St, Lark", "100 s main st", "100", "lark"),
        ("100 S Main St, Larkfield, Ohio", "100 s main st", "100", "larkfield oh"),
        ("100 1/2 Elm", "100 1/2 elm", "100", ""),
        ("Elm St", "elm st", "", ""),
    ],
)
def test_the_line_is_in_the_form_of_keys(typed: str, line: str, number: str, town: str) -> None:
    found = typed_address(typed)
    assert (found.line, found.number, found.town) == (line, number, town)


def test_words_are_looked_for_from_their_beginning() -> None:
    assert typed_address("7 N Mai").patterns == (r"\mn", r"\m(mai)")
    assert typed_address("7 Elm, L").patterns == (r"\melm",)
    assert typed_address("7 a.b*c").patterns[-1] == r"\m(c)"


def test_a_word_that_begins_one_that_is_shortened_may_be_its_short_form() -> None:
    assert completions("stre") == ("stre", "st")
    assert completions("nor") == ("nor", "n", "ne", "nw")
    assert completions("seco") == ("seco", "2nd")
    assert completions("s") == ("s",)
    assert completions("maple") == ("maple",)
