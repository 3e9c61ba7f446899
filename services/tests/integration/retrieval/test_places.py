"""Retrieval on a real Postgres: parcels by address and id, and towns."""

from typing import Any

import pytest
from integration.two_towns import ASHBY, BRAMLEY, Retrieval

from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.errors import (
    AmbiguousAddress,
    InvalidRequest,
    UnknownAddress,
    UnknownParcel,
)
from plotlot.domain.parcels import Parcel
from plotlot.ingestion.parcel_store import save_parcels
from plotlot.retrieval.parcels import parcel_at, parcel_with_id
from plotlot.store.municipalities import ensure_municipality
from plotlot.store.pool import Database


async def test_an_address_is_found_however_it_is_written(retrieval: Retrieval) -> None:
    for address in ("14 Mill Street", "14 mill st.", "14 MILL STREET, Ashby, Ohio 44001"):
        found = await retrieval.find(address)
        assert (found.id, found.municipality, found.address) == ("A-2", ASHBY, "14 Mill Street")


async def test_an_address_in_two_towns_is_ambiguous_until_one_is_named(retrieval: Retrieval) -> None:
    with pytest.raises(AmbiguousAddress) as raised:
        await retrieval.find("12 Mill St")
    assert {suggestion.split(" (")[0] for suggestion in raised.value.suggestions} == {
        "12 Mill Street, Ashby, OH",
        "12 Mill Street, Bramley, OH",
    }
    assert (await retrieval.find("12 Mill St", town="bramley, oh")).id == "B-1"
    assert (await retrieval.find("12 Mill St, Bramley OH")).id == "B-1"


@pytest.mark.parametrize("address", ["12 Mil Stret", "13 Mill Street", "1 Mill St", "Mill Street"])
async def test_a_near_miss_is_told_what_is_near(retrieval: Retrieval, address: str) -> None:
    with pytest.raises(UnknownAddress) as raised:
        await retrieval.find(address, town=ASHBY)
    assert any("Mill Street, Ashby" in suggestion for suggestion in raised.value.suggestions)


async def test_near_misses_are_those_of_the_whole_county(database: Database) -> None:
    streets = ("Alder", "Birch", "Cedar", "Dogwood", "Elder", "Fir", "Larch", "Maple", "Willow")
    lots = [(number, street) for street in streets for number in range(101, 401)]
    parcels = [Parcel(f"{street[0]}-{n:04}", "Crowley, OH", f"{n} {street} Lane") for n, street in lots]
    async with database.connection() as connection, connection.transaction(force_rollback=True):
        town = await ensure_municipality(connection, "Crowley, OH")
        await save_parcels(connection, town, parcels)
        with pytest.raises(UnknownAddress) as near:
            await parcel_at(connection, "399 Wilow Lane", [town])
        assert near.value.suggestions[0] == "399 Willow Lane, Crowley, OH"
        with pytest.raises(UnknownParcel) as like:
            await parcel_with_id(connection, "W-0399-", [town])
        assert like.value.suggestions[0] == "W-0399"


@pytest.mark.parametrize("address", ["99999 Nowhere Boulevard", "%", "_", "\\", "'"])
async def test_an_address_like_nothing_here_suggests_nothing(retrieval: Retrieval, address: str) -> None:
    with pytest.raises(UnknownAddress) as raised:
        await retrieval.find(address)
    assert raised.value.suggestions == ()


async def test_an_id_is_found_in_its_town(retrieval: Retrieval) -> None:
    assert (await retrieval.find(parcel="B-3")).address == "100 N Main St Unit 2"
    with pytest.raises(AmbiguousAddress):
        await retrieval.find(parcel="A-2")
    assert (await retrieval.find(parcel="A-2", town=BRAMLEY)).address == "3 Oak Court"
    with pytest.raises(UnknownParcel) as raised:
        await retrieval.find(parcel="B-9")
    assert "B-1" in raised.value.suggestions


async def test_nothing_to_find_names_the_field(retrieval: Retrieval) -> None:
    with pytest.raises(InvalidRequest) as raised:
        await retrieval.find(" ")
    assert raised.value.field == "address"


async def test_municipalities_are_listed_with_what_is_stored(retrieval: Retrieval) -> None:
    request = retrieval_pb2.ListMunicipalitiesRequest()
    listed = (await retrieval.servicer.ListMunicipalities(request, None)).municipalities
    counts = [(each.name, each.documents, each.sections, each.chunks, each.parcels) for each in listed]
    assert counts == [(ASHBY, 1, 4, 4, 3), (BRAMLEY, 1, 1, 1, 3)]
    assert listed[0].retrieved_at.startswith("20")
    assert listed[0].indexed_at >= listed[0].retrieved_at


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"limit": 1}, [ASHBY]),
        ({"after": ASHBY}, [BRAMLEY]),
        ({"after": BRAMLEY}, []),
        ({"municipality": "bramley ,oh"}, [BRAMLEY]),
        ({"municipality": "Nowhere, OH"}, []),
    ],
)
async def test_municipalities_are_listed_in_parts(
    retrieval: Retrieval, asked: dict[str, Any], names: list[str]
) -> None:
    for names_only in (False, True):
        request = retrieval_pb2.ListMunicipalitiesRequest(names_only=names_only, **asked)
        listed = (await retrieval.servicer.ListMunicipalities(request, None)).municipalities
        assert [each.name for each in listed] == names
        assert all((each.documents == 0) == names_only for each in listed)


@pytest.mark.parametrize(
    ("typed", "town", "found"),
    [
        ("12", "", [f"12 Mill Street, {ASHBY}", f"12 Mill Street, {BRAMLEY}"]),
        ("12 mill stre", "", [f"12 Mill Street, {ASHBY}", f"12 Mill Street, {BRAMLEY}"]),
        ("12 Mill St, Bra", "", [f"12 Mill Street, {BRAMLEY}"]),
        ("12 Mill St, Bramley, O", "", [f"12 Mill Street, {BRAMLEY}"]),
        ("12 mil", BRAMLEY, [f"12 Mill Street, {BRAMLEY}"]),
        ("100 main", "", [f"100 North Main Street Apt 1, {ASHBY}", f"100 N Main St Unit 2, {BRAMLEY}"]),
        ("100 Nor", BRAMLEY, [f"100 N Main St Unit 2, {BRAMLEY}"]),
        ("100 north main u", "", [f"100 N Main St Unit 2, {BRAMLEY}"]),
        ("3 Oka Court", "", [f"3 Oak Court, {BRAMLEY}"]),
        ("oak co", "", [f"3 Oak Court, {BRAMLEY}"]),
        ("100 (.*", BRAMLEY, [f"100 N Main St Unit 2, {BRAMLEY}"]),
        ("%", "", []),
        ("\0", "", []),
        ("", "", []),
    ],
)
async def test_an_address_is_suggested_while_it_is_typed(
    retrieval: Retrieval, typed: str, town: str, found: list[str]
) -> None:
    request = retrieval_pb2.SuggestAddressesRequest(text=typed, municipality=town, limit=5)
    suggested = (await retrieval.servicer.SuggestAddresses(request, None)).suggestions
    assert [each.address for each in suggested] == found


async def test_suggestions_are_so_many_and_name_their_parcels(retrieval: Retrieval) -> None:
    request = retrieval_pb2.SuggestAddressesRequest(text="1", limit=2)
    suggested = (await retrieval.servicer.SuggestAddresses(request, None)).suggestions
    assert [(each.parcel_id, each.municipality) for each in suggested] == [("A-3", ASHBY), ("B-3", BRAMLEY)]
    with pytest.raises(InvalidRequest):
        await retrieval.servicer.SuggestAddresses(retrieval_pb2.SuggestAddressesRequest(text="1"), None)
