import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.addresses import (
    address_key,
    match_address,
    parse_address,
    rank_suggestions,
    with_town,
)

SAME = [
    ["100 North Main Street", "100 N. Main St.", "100 n main st", "100  N\u00a0MAIN\u200b ST"],
    ["12 Saint Charles Ave #3", "12 St. Charles Avenue, Unit 3", "12 ST CHARLES AV UNIT 3"],
    ["16 S.E. Second Street, Miami, FL", "16 SE 2 ST, Miami, Florida 33131-1234"],
    ["9 Elm Court, Hartford, CT", "9 Elm Ct, Hartford, CT 06101, USA"],
    ["7 Main Street South", "7 Main St S"],
    ["100 North Avenue", "100 N Ave"],
    ["1 Lake Shore Drive", "1 LAKE SHORE DR"],
    ["3 O'Brien Rd", "3 O’Brien Road", "3 OBRIEN RD"],
    ["12½ Elm St", "12 1/2 Elm Street"],
    ["10 Main St, Larkfield, OH", "10 main st larkfield oh"],
]
TOWN = [
    "100 N Main St, Larkfield, OH",
    "100 S Main St, Larkfield, OH",
    "12 Elm St, Larkfield, OH",
    "14 Elm St, Larkfield, OH",
    "12 Oak St, Larkfield, OH",
    "12 Elm St, Otherton, OH",
]


@pytest.mark.parametrize("written", SAME, ids=lambda written: written[0])
def test_ways_to_write_an_address_share_a_key(written: list[str]) -> None:
    assert len({address_key(each) for each in written}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("100 N Main St", "100 S Main St"),
        ("100 Main St", "101 Main St"),
        ("100 Main St", "100 Main Ave"),
        ("100 Main St", "100 Main St Apt 2"),
        ("100 Main St, Larkfield, OH", "100 Main St, Otherton, OH"),
        ("12 Elm St", "12 1/2 Elm St"),
    ],
)
def test_different_addresses_differ(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


def test_parts_of_an_address() -> None:
    address = parse_address("100 North Main Street Apt 4B, Larkfield, Ohio 43000")
    assert (address.number, address.direction, address.street, address.suffix) == (
        "100",
        "n",
        "main",
        "st",
    )
    assert (address.unit, address.town, address.state) == ("apt 4b", "larkfield", "oh")
    assert address.line == parse_address("100 N MAIN ST APT 4B").line == "100 n main st apt 4b"


@pytest.mark.parametrize(
    "road", ["310 County Road 9", "12 State Route 7", "45 US Highway 1", "8 Township Rd 114"]
)
def test_a_road_named_by_its_number_is_found_with_its_town_and_without(road: str) -> None:
    whole = f"{road}, Larkfield, OH"
    assert match_address(road, [whole, "310 County Road 10, Larkfield, OH"]).exact == 0
    assert match_address(f"{road} Larkfield, OH", [whole]).exact == 0
    assert match_address(whole, [road]).exact == 0


@given(st.text(max_size=60))
def test_key_is_idempotent_on_any_text(text: str) -> None:
    key = address_key(text)
    assert address_key(key) == key


_PARTS = st.tuples(
    st.integers(1, 99999),
    st.sampled_from(["", "N", "South", "n.e.", "SW"]),
    st.sampled_from(["Main", "Elm", "Saint Johns", "2nd", "Second", "Lake Shore", "North", "O'Neil"]),
    st.sampled_from(["", "St", "Street", "Ave", "Boulevard", "Ln.", "Court", "Way"]),
    st.sampled_from(["", " Apt 4", " #12", ", Unit B"]),
    st.sampled_from(["", ", Larkfield, OH", ", New Salem, Vermont 05001", ", St. Albans, VT"]),
)


@given(_PARTS, st.booleans())
def test_key_ignores_case_and_spacing(parts: tuple[int, str, str, str, str, str], upper: bool) -> None:
    number, direction, street, suffix, unit, town = parts
    text = " ".join(filter(None, (str(number), direction, street, suffix))) + unit + town
    loud = text.upper() if upper else text.lower()
    assert address_key(loud.replace(" ", "  ")) == address_key(text)
    assert address_key(address_key(text)) == address_key(text)


def test_exact_match_by_town() -> None:
    assert match_address("12 elm street, otherton, ohio", TOWN).exact == 5


def test_same_street_in_two_towns_is_ambiguous() -> None:
    match = match_address("12 Elm St", TOWN)
    assert match.exact is None
    assert match.ambiguous == (2, 5)


def test_missing_direction_is_ambiguous() -> None:
    match = match_address("100 Main St, Larkfield, OH", TOWN)
    assert match.exact is None
    assert match.suggestions == (TOWN[0], TOWN[1])


def test_near_misses_keep_the_house_number_before_the_street() -> None:
    match = match_address("12 Elmm St, Larkfield", TOWN)
    assert match.exact is None
    assert not match.ambiguous
    assert match.suggestions[0] == "12 Elm St, Larkfield, OH"
    assert rank_suggestions("13 Elm St, Larkfield, OH", TOWN)[0].split()[1] == "Elm"


def test_nothing_near_gives_nothing() -> None:
    assert match_address("999 Quarry Blvd", TOWN).suggestions == ()


def test_with_town_adds_a_town_only_where_none_stands() -> None:
    assert with_town("12 Elm St", "Larkfield, OH") == "12 Elm St, Larkfield, OH"
    assert with_town("12 Elm St, Otherton, OH", "Larkfield, OH") == "12 Elm St, Otherton, OH"
