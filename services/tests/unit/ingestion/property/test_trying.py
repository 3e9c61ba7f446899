import json
from collections.abc import Iterator
from typing import Any

import pytest
from replayed_county import County
from replayed_sources import Reply, replaying

from plotlot.cli.doctor import property_sources
from plotlot.settings import Settings

FIELDS = ("PARCEL", "SITE_ADDR", "ACRES", "USE")
BENCHMARKS = {"benchmarks": [{"benchmarkName": "Public_AR_Current"}]}


@pytest.fixture
def county() -> Iterator[County]:
    with replaying() as server:
        county = County(server)
        said("/geocoder/benchmarks", BENCHMARKS, county)
        said("/parcels", {"name": "Parcels", "fields": [{"name": name} for name in FIELDS]}, county)
        said("/zoning", {"fields": [{"name": "ZONE"}]}, county)
        yield county


def said(path: str, document: Any, county: County) -> None:
    county.server.says(path, Reply(body=json.dumps(document).encode()))


def settings_of(county: County, folder: Any) -> Settings:
    (folder / "sources.json").write_text(json.dumps(county.configuration))
    return Settings(property_sources=str(folder / "sources.json"), egress_own_hosts=county.server.host)


async def test_nobody_is_asked_unless_it_is_wished(county: County, tmp_path: Any) -> None:
    (found,) = await property_sources(settings_of(county, tmp_path), online=False)
    assert found.works
    assert found.detail == "Lark County: 3 servers, not asked; --online asks them"
    assert county.server.asked == []
    (none,) = await property_sources(Settings(), online=True)
    assert none.works
    (wrong,) = await property_sources(Settings(property_sources="atlantis"), online=True)
    assert (wrong.works, "neither a file" in wrong.advice) == (False, True)


async def test_each_server_is_asked_for_what_it_has(county: County, tmp_path: Any) -> None:
    found = await property_sources(settings_of(county, tmp_path), online=True)
    assert [finding.check.partition(": ")[2] for finding in found] == [
        "Test geocoder", "Lark County Auditor", "Lark County zoning",
    ]  # fmt: skip
    assert all(finding.works for finding in found)


@pytest.mark.parametrize(
    ("path", "document", "words"),
    [
        ("/parcels", {"fields": [{"name": name} for name in FIELDS[:3]]}, "has no field USE"),
        ("/parcels", {"error": {"code": 404, "message": "Layer not found"}}, "Layer not found"),
        ("/zoning", {"services": []}, "is no layer"),
        (
            "/geocoder/benchmarks",
            {"benchmarks": [{"benchmarkName": "Old"}]},
            "no benchmark Public_AR_Current",
        ),
    ],
)
async def test_what_cannot_be_used_is_told(
    county: County, tmp_path: Any, path: str, document: Any, words: str
) -> None:
    said(path, document, county)
    found = await property_sources(settings_of(county, tmp_path), online=True)
    (failed,) = [finding for finding in found if not finding.works]
    assert words in failed.advice
