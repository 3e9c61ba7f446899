import json
import re
from pathlib import Path
from typing import Any

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.ingestion.property.configuration import PRESETS, PropertySources, sources_of

LAYER = {
    "name": "Parcels",
    "url": "https://maps.example.gov/arcgis/rest/services/P/FeatureServer/0",
    "id": "FOLIO",
}
REGION = {"name": "Lark County", "county": "39999", "state": "OH", "parcels": [LAYER]}


def written(folder: Path, document: Any) -> str:
    (folder / "sources.yaml").write_text(document if isinstance(document, str) else json.dumps(document))
    return str(folder / "sources.yaml")


def test_presets_by_name() -> None:
    assert sources_of(" ") is None
    found = sources_of(", ".join(PRESETS))
    assert found is not None
    assert [region.county for region in found.regions] == ["12086", "12011", "12099"]
    assert found.geocoder is not None
    assert "geocoding.geo.census.gov:443" in found.hosts
    assert len(found.hosts) == 5


@pytest.mark.parametrize("name", PRESETS)
def test_presets_fetch_no_names_of_people(name: str) -> None:
    found = sources_of(name)
    assert found is not None
    assert found.regions[0].parcels[0].lot_area is not None
    for layer in found.regions[0].parcels:
        assert layer.id_digits
        assert not any("OWN" in field or "MAIL" in field for field in layer.fields)


def test_a_file_of_yaml_or_json(tmp_path: Path) -> None:
    text = """
presets: [broward]
geocoder:
regions:
  - name: Lark County
    county: "39999"
    state: OH
    parcels:
      - {name: Parcels, url: "https://maps.example.gov/arcgis/0/", id: FOLIO}
"""
    found = sources_of(written(tmp_path, text))
    assert found is not None
    assert [region.name for region in found.regions] == ["Lark County", "Broward County"]
    assert found.geocoder is None
    assert found.regions[0].parcels[0].url == "https://maps.example.gov/arcgis/0"
    plain = {"regions": [REGION]}
    assert sources_of(written(tmp_path, plain)) == sources_of(json.dumps(plain)) != found


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("regions: [", "neither YAML nor JSON"),
        ("- a\n- b", "should be a mapping"),
        ("", "should be a mapping"),
        ("!!python/object/apply:os.system ['true']", "neither YAML nor JSON"),
        ({"presets": ["dade"]}, "no preset 'dade'"),
        ({"presets": "broward"}, "no preset"),
        ({}, "names no region"),
        ({"regions": [{**REGION, "county": "Lark"}]}, r"regions\.0\.county"),
        ({"regions": [{**REGION, "parcels": []}]}, r"regions\.0\.parcels"),
        ({"regions": [{**REGION, "cities": []}]}, r"regions\.0\.cities: Extra inputs"),
        ({"regions": [{**REGION, "parcels": [{**LAYER, "id": "A' OR 1=1"}]}]}, r"parcels\.0\.id"),
        ({"regions": [{**REGION, "parcels": [{**LAYER, "url": "maps.example.gov"}]}]}, "https://host/path"),
        ({"regions": [{**REGION, "parcels": [{**LAYER, "url": "https://u:p@h/0"}]}]}, "no user, password"),
        ({"regions": [{**REGION, "parcels": [{**LAYER, "url": "https://h/0?token=1"}]}]}, "query"),
        (
            {"regions": [{**REGION, "parcels": [{**LAYER, "lot_area": {"field": "A", "unit": "yards"}}]}]},
            "unit",
        ),
        (
            {"regions": [{**REGION, "parcels": [{**LAYER, "lot_area": {"field": "A", "unit": "ft"}}]}]},
            r"parcels\.0\.lot_area\.unit: Input should be 'sqft', 'acres', 'sqm' or 'hectares'",
        ),
        (
            {"regions": [{**REGION, "parcels": [{**LAYER, "lot_width": {"field": "W", "unit": "acres"}}]}]},
            r"parcels\.0\.lot_width\.unit: Input should be 'ft', 'm' or 'us_ft'",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, document: Any, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        sources_of(written(tmp_path, document))


def test_neither_a_file_nor_a_preset() -> None:
    with pytest.raises(InvalidRequest, match=r"neither a file .* there are miami-dade"):
        sources_of("miami-dade,atlantis")


def test_configurations_are_told_apart() -> None:
    one, other = (
        PropertySources.model_validate({"regions": [{**REGION, "state": state}]}) for state in ("OH", "IN")
    )
    assert one.digest != other.digest
    assert one.digest == PropertySources.model_validate({"regions": [REGION]}).digest


def test_the_example_of_the_docs_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[5] / "docs" / "property-data.md").read_text()
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    found = sources_of(written(tmp_path, example))
    assert found is not None
    assert [region.county for region in found.regions] == ["39999", "12099"]
