"""The municipalities that come with PlotLot."""

from collections import Counter

from plotlot.domain.municipalities import municipality_key
from plotlot.ingestion.publishers.registry import KINDS, registry


def test_south_florida_has_its_104_municipalities() -> None:
    known = registry()
    incorporated = [one for one in known.known if one.incorporated]
    assert Counter(one.county for one in incorporated) == {"Miami-Dade": 34, "Broward": 31, "Palm Beach": 39}
    assert len({municipality_key(one.municipality) for one in incorporated}) == 104
    assert {one.kind for one in incorporated} == set(KINDS)


def test_no_name_is_two_municipalities() -> None:
    known = registry()
    for one in known.known:
        for spelling in one.spellings:
            found = known.find(f"{spelling}, FL")
            assert found == one, f"{spelling} is {one.name} and {found.name if found else 'nobody'}"


def test_a_municipality_is_found_by_any_of_its_names() -> None:
    known = registry()
    for name in (
        "Miami, FL",
        " city of miami ,fl",
        "Opa Locka, FL",
        "Ft. Lauderdale, FL",
        "Town of Davie, FL",
    ):
        found = known.find(name)
        assert found is not None, name
        assert found.code_of == found.municipality
    assert known.find("Miami, OH") is None


def test_outside_of_municipalities_the_code_is_the_countys() -> None:
    known = registry()
    for name, county in (("Kendall, FL", "Miami-Dade"), ("Unincorporated Broward County, FL", "Broward")):
        found = known.find(name)
        assert found is not None
        assert found.code_of == f"{county} County, FL"


def test_counties_are_known_with_and_without_the_word() -> None:
    known = registry()
    assert known.counties("fl") == ["Broward", "Miami-Dade", "Palm Beach"]
    assert len(known.of_county("FL", "miami dade county")) == 34
    assert known.of_county("FL", "Nowhere") == []
