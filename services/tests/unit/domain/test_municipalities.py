from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.municipalities import municipality_key, municipality_name


def test_spellings_of_one_name_share_a_key() -> None:
    assert (
        municipality_key("Miami, FL")
        == municipality_key("  miami ,fl ")
        == municipality_key("MIAMI,\u200bFL")
    )


def test_the_name_is_tidied_but_kept() -> None:
    assert municipality_name(" Larkfield ,  oh ") == "Larkfield, OH"
    assert municipality_name("St. Mary's County") == "St. Mary's County"


@given(st.text())
def test_the_shown_name_has_the_key_of_what_was_typed(name: str) -> None:
    assert municipality_key(municipality_name(name)) == municipality_key(name)
