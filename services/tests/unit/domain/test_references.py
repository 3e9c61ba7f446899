import pytest

from plotlot.domain.references import is_at, references_in


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("home occupations as provided in Section 165.15;", ("165.15",)),
        ("a certificate of appropriateness under Sec. 9.6.", ("9.6",)),
        ("spaces as Table 5-1 requires, and those of Chapter 7", ("5-1", "7")),
        ("governed by § 17.03.010", ("17.03.010",)),
        ("Sec. 4.2 Projections into yards", ()),
        ("The section of the roof that slopes", ()),
    ],
)
def test_where_a_statement_sends_its_reader(text: str, numbers: tuple[str, ...]) -> None:
    assert references_in(text) == numbers


def test_a_section_is_told_from_those_whose_numbers_begin_alike() -> None:
    assert is_at("Chapter 4 > Sec. 4.2 Yards > (a)", "4.2")
    assert not is_at("Chapter 4 > Sec. 4.21 Signs", "4.2")
    assert not is_at("Chapter 4 > Sec. 4.2.1 Signs", "4.2")
