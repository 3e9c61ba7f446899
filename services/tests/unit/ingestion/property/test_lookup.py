"""Lookups: once for all, kept for weeks, and as they were while a source is away."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from replayed_county import County
from replayed_sources import Reply, replaying

from plotlot.domain.errors import (
    AmbiguousAddress,
    InvalidRequest,
    SourceUnavailable,
    StoreUnavailable,
    UnknownAddress,
    UnknownParcel,
)
from plotlot.domain.parcels import Parcel
from plotlot.domain.texts import LONGEST_ADDRESS, LONGEST_NAME
from plotlot.egress.client import EgressClient, Limits
from plotlot.egress.rules import EgressRules
from plotlot.ingestion.property.configuration import PropertySources
from plotlot.ingestion.property.finding import Sought
from plotlot.ingestion.property.keeping import Kept
from plotlot.ingestion.property.lookup import MISSING_FRESH, Freshness, PropertyLookup, checked
from plotlot.rpc.context import RequestContext, current_request, current_tenant
from plotlot.telemetry import Metrics

WILLOW = "402 Willow Street, Larkfield, OH"


class Memory:
    """Keeps lookups as the store does, by tenant."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Kept] = {}
        self.away = False

    async def load(self, asked: str) -> Kept | None:
        return self.rows.get((current_tenant(), asked))

    async def load_parcel(self, parcel_id: str, municipality: str) -> Kept | None:
        kept = [row for (tenant, _), row in self.rows.items() if tenant == current_tenant()]
        return next(
            (row for row in kept if isinstance(row.outcome, Parcel) and row.outcome.id == parcel_id), None
        )

    async def save(self, asked: str, kept: Kept, keeps: timedelta) -> None:
        if self.away:
            raise StoreUnavailable("away")
        self.rows[current_tenant(), asked] = kept


class Setting:
    """A lookup on a replayed county, with a clock that stands until it is set."""

    def __init__(self, county: County, **changes: Any) -> None:
        self.county, self.kept, self.metrics = county, Memory(), Metrics()
        self.at = datetime(2026, 7, 1, tzinfo=UTC)
        limits = Limits(attempts=1, seconds=2, per_second=1000)
        self.client = EgressClient(EgressRules(own=frozenset({county.server.host})), Metrics(), limits)
        self.lookup = self.of(county.configuration, **changes)

    def of(self, configuration: dict[str, Any], **changes: Any) -> PropertyLookup:
        sources = PropertySources.model_validate(configuration)
        return PropertyLookup(
            sources, self.client, self.kept, Freshness(), self.metrics, lambda: self.at, **changes  # type: ignore[arg-type]
        )  # fmt: skip

    @property
    def sent(self) -> int:
        return len(self.county.server.asked)

    def counted(self, result: str) -> float:
        return self.metrics.property_lookups.labels(result)._value.get()


@pytest.fixture
def county() -> Iterator[County]:
    with replaying() as server:
        yield County(server)


async def test_an_address_asked_twice_goes_out_once(county: County) -> None:
    setting = Setting(county)
    async with setting.client:
        first = await setting.lookup.find(WILLOW, "")
        sent = setting.sent
        again = await setting.lookup.find("402 willow st., larkfield, ohio", "")
        assert (again, setting.sent) == (first, sent)
        assert (setting.counted("found"), setting.counted("kept")) == (1, 1)


async def test_those_who_ask_at_once_share_one_lookup(county: County) -> None:
    setting = Setting(county)
    async with setting.client:
        found = await asyncio.gather(*(setting.lookup.find(WILLOW, "") for _ in range(20)))
        assert len(set(map(id, found))) == 1
        assert setting.sent == 3
        assert setting.counted("shared") == 19


async def test_who_leaves_takes_the_lookup_from_nobody(county: County) -> None:
    setting = Setting(county)
    async with setting.client:
        leaver = asyncio.create_task(setting.lookup.find(WILLOW, ""))
        await asyncio.sleep(0)
        stayer = asyncio.create_task(setting.lookup.find(WILLOW, ""))
        await asyncio.sleep(0)
        leaver.cancel()
        assert (await stayer).id == "L-1"


async def test_what_is_old_is_looked_up_anew(county: County) -> None:
    setting = Setting(county)
    async with setting.client:
        await setting.lookup.find(WILLOW, "")
        county.district = "R-2"
        setting.at += timedelta(days=29)
        assert (await setting.lookup.find(WILLOW, "")).district == "R-1"
        setting.at += timedelta(days=2)
        assert (await setting.lookup.find(WILLOW, "")).district == "R-2"


@pytest.mark.parametrize("reply", [Reply(503), Reply(delay_seconds=1), Reply(body=b"<html>")])
async def test_while_the_source_is_away_what_was_found_serves_and_says_so(
    county: County, reply: Reply
) -> None:
    setting = Setting(county, patience_seconds=0.2)
    async with setting.client:
        await setting.lookup.find(WILLOW, "")
        county.server.says("/parcels/query", reply)
        setting.at += timedelta(days=40)
        found = await setting.lookup.find(WILLOW, "")
        assert found.id == "L-1"
        assert "are those of 2026-07-01" in found.warnings[-1]
        assert setting.counted("stale") == 1
        await setting.lookup.close(0)


async def test_a_slow_answer_is_kept_for_the_next(county: County) -> None:
    setting = Setting(county, patience_seconds=0.05)
    async with setting.client:
        await setting.lookup.find(WILLOW, "")
        county.district = "R-2"
        slow = county.zoning
        county.server.answers["/zoning/query"] = lambda asked: Reply(body=slow(asked).body, delay_seconds=0.2)
        setting.at += timedelta(days=40)
        assert (await setting.lookup.find(WILLOW, "")).district == "R-1"
        while setting.counted("found") < 2:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0)
        fresh = await setting.lookup.find(WILLOW, "")
        assert (fresh.district, fresh.warnings) == ("R-2", ())


async def test_that_there_is_none_is_kept_for_an_hour(county: County) -> None:
    setting = Setting(county)
    async with setting.client:
        for _ in range(2):
            with pytest.raises(UnknownAddress):
                await setting.lookup.find("9 Nowhere Ln, Larkfield, OH", "")
        sent = setting.sent
        county.addresses.append("9 NOWHERE LN")
        setting.at += MISSING_FRESH
        assert (await setting.lookup.find("9 Nowhere Ln, Larkfield, OH", "")).id == "L-3"
        assert setting.sent > sent


async def test_a_failure_is_not_kept(county: County) -> None:
    setting = Setting(county)
    working = county.server.answers["/parcels/query"]
    async with setting.client:
        county.server.says("/parcels/query", Reply(500))
        with pytest.raises(SourceUnavailable):
            await setting.lookup.find(WILLOW, "")
        county.server.answers["/parcels/query"] = working
        assert (await setting.lookup.find(WILLOW, "")).id == "L-1"


async def test_another_configuration_asks_anew(county: County) -> None:
    setting = Setting(county)
    async with setting.client:
        await setting.lookup.find(WILLOW, "")
        sent = setting.sent
        configuration = county.configuration
        configuration["regions"][0]["zoning"] = []
        assert (await setting.of(configuration).find(WILLOW, "")).district == ""
        assert setting.sent > sent


async def test_a_shadow_keeps_nothing(county: County) -> None:
    setting = Setting(county)
    token = current_request.set(RequestContext("r", "b", shadow=True))
    try:
        async with setting.client:
            assert (await setting.lookup.find(WILLOW, "")).id == "L-1"
    finally:
        current_request.reset(token)
    assert setting.kept.rows == {}


async def test_tenants_share_nothing(county: County) -> None:
    setting = Setting(county)
    async with setting.client:
        await setting.lookup.find(WILLOW, "")
        sent = setting.sent
        token = current_request.set(RequestContext("r", "b", tenant="acme"))
        try:
            await setting.lookup.find(WILLOW, "")
        finally:
            current_request.reset(token)
    assert setting.sent == 2 * sent
    assert {tenant for tenant, _ in setting.kept.rows} == {"local", "acme"}


async def test_a_store_that_went_away_takes_no_answer(county: County) -> None:
    setting = Setting(county)
    setting.kept.away = True
    async with setting.client:
        assert (await setting.lookup.find(WILLOW, "")).id == "L-1"


async def test_every_end_of_a_lookup_is_counted(county: County) -> None:
    setting = Setting(county)
    async with setting.client:
        with pytest.raises(UnknownParcel):
            await setting.lookup.find("", "Larkfield, OH", "L-99")
        county.server.says("/parcels/query", Reply(503))
        with pytest.raises(SourceUnavailable):
            await setting.lookup.find("", "Larkfield, OH", "L-98")
    counted = {result: setting.counted(result) for result in ("found", "missing", "failed")}
    assert counted == {"found": 0, "missing": 1, "failed": 1}


async def test_an_address_of_several_parcels_is_counted(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ambiguous(*asked: Any) -> Parcel:
        raise AmbiguousAddress("two have it")

    setting = Setting(county)
    monkeypatch.setattr(setting.lookup._finder, "find", ambiguous)
    with pytest.raises(AmbiguousAddress):
        await setting.lookup.find(WILLOW, "")
    assert setting.counted("ambiguous") == 1


@pytest.mark.parametrize(
    ("sought", "field"),
    [
        (Sought("4" * (LONGEST_ADDRESS + 1), "", ""), "address"),
        (Sought("4 Elm", "L" * (LONGEST_NAME + 1), ""), "municipality"),
        (Sought("", "Larkfield, OH", "L" * (LONGEST_NAME + 1)), "parcel_id"),
        (Sought("", "", "L-0"), "municipality"),
    ],
)
def test_the_field_at_fault_is_named(sought: Sought, field: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        checked(sought)
    assert raised.value.field == field


@pytest.mark.parametrize("address", ["", "  ", "4" * (LONGEST_ADDRESS + 1)])
async def test_what_is_no_address_goes_nowhere(county: County, address: str) -> None:
    with pytest.raises(InvalidRequest):
        await Setting(county).lookup.find(address, "")
    assert county.server.asked == []


async def test_a_parcel_that_was_found_by_its_address_is_found_by_its_id(county: County) -> None:
    setting = Setting(county)
    async with setting.client:
        found = await setting.lookup.find(WILLOW, "")
        sent = setting.sent
        assert await setting.lookup.find("", "Larkfield, OH", "L-1") == found
        assert setting.sent == sent
        other = await setting.lookup.find("", "Larkfield, OH", "L-0")
        assert other.address == "400 WILLOW ST"
    with pytest.raises(InvalidRequest):
        await setting.lookup.find("", "", "L-0")
