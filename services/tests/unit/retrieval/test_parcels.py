"""Which of several stored parcels is meant."""

from plotlot.retrieval.parcels import StoredParcel, each_once


def stored(municipality: str, source: str, parcel: str = "LF-1") -> StoredParcel:
    return StoredParcel(parcel, municipality, "100 S Main St", "R-1", None, None, {}, source)


def test_a_tenants_own_parcel_stands_for_the_shared_one_however_its_town_was_typed() -> None:
    own, shared = stored("larkfield, OH", "own.csv"), stored("Larkfield, OH", "shared.csv")
    elsewhere, other = stored("Amberton, OH", "shared.csv"), stored("Larkfield, OH", "shared.csv", "LF-2")
    assert each_once([own, shared, elsewhere, other]) == [own, elsewhere, other]
