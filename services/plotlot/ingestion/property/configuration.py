"""Which sources of property data are asked, as an operator writes it: one YAML or JSON file, or names of presets."""

from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator
from yarl import URL

from plotlot.domain.errors import InvalidRequest
from plotlot.egress.client import EgressClient, Limits
from plotlot.egress.rules import EgressRules, entries_in, entry_of
from plotlot.settings import Settings
from plotlot.telemetry import Metrics

PRESETS = ("miami-dade", "broward", "palm-beach")
LENGTH_UNITS = {"ft": 1.0, "m": 3.280839895, "us_ft": 1.000002}
AREA_UNITS = {"sqft": 1.0, "acres": 43_560.0, "sqm": 10.76391042, "hectares": 107_639.1042}
MOST_BYTES = 1_000_000

# A field of a layer, which is put into queries: nothing in it may end one.
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.]*$", max_length=128)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Server(_Part):
    name: Words
    url: str

    @field_validator("url")
    @classmethod
    def _is_plain(cls, url: str) -> str:
        found = URL(url)
        if found.scheme not in ("http", "https") or not found.host:
            raise ValueError("it should look like https://host/path")
        if found.user or found.password or found.query_string or found.fragment:
            raise ValueError("it must hold no user, password, query or fragment")
        return str(found).rstrip("/")


class Geocoder(_Server):
    """The geocoder of the US Census Bureau, or one that answers as it does."""

    benchmark: Words = "Public_AR_Current"
    vintage: Words = "Current_Current"


class AddressFields(_Part):
    """Fields that make up an address; ``line`` has all but the unit, else the parts have it."""

    line: FieldName | None = None
    number: FieldName | None = None
    direction: FieldName | None = None
    street: FieldName | None = None
    suffix: FieldName | None = None
    trailing_direction: FieldName | None = None
    unit: FieldName | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The fields in the order of an address."""
        street = (self.number, self.direction, self.street, self.suffix, self.trailing_direction)
        return tuple(filter(None, (self.line, self.unit) if self.line else (*street, self.unit)))


class AreaMeasure(_Part):
    """A field with an area, and the unit that it is in."""

    field: FieldName
    unit: Literal["sqft", "acres", "sqm", "hectares"]

    @property
    def factor(self) -> float:
        """Square feet in the unit."""
        return AREA_UNITS[self.unit]


class LengthMeasure(_Part):
    """A field with a length, and the unit that it is in."""

    field: FieldName
    unit: Literal["ft", "m", "us_ft"]

    @property
    def factor(self) -> float:
        """Feet in the unit."""
        return LENGTH_UNITS[self.unit]


class ParcelLayer(_Server):
    """A layer of parcels in ArcGIS: ``.../FeatureServer/0`` or ``.../MapServer/26``.

    ``id_digits`` fills an id of digits up with noughts in front. ``shown`` are further facts by the names that readers see.
    """

    id: FieldName
    id_digits: int = Field(default=0, ge=0, le=40)
    address: AddressFields = AddressFields()
    lot_area: AreaMeasure | None = None
    lot_width: LengthMeasure | None = None
    lot_depth: LengthMeasure | None = None
    shown: dict[Words, FieldName] = {}

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that are asked for: no more than are used, so that no owner's name is ever fetched."""
        measures = [each.field for each in (self.lot_area, self.lot_width, self.lot_depth) if each]
        return tuple(dict.fromkeys((self.id, *self.address.parts, *measures, *self.shown.values())))


class ZoningLayer(_Server):
    """A layer of zoning districts. ``passes`` are values of the district that mean: ask the next layer."""

    district: FieldName
    shown: dict[Words, FieldName] = {}
    passes: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that are asked for."""
        return tuple(dict.fromkeys((self.district, *self.shown.values())))


class Region(_Part):
    """A county with its layers, the first of which that answers is believed.

    ``county`` is its FIPS code, which the geocoder tells; ``unincorporated`` the municipality whose code applies outside of
    cities and towns, where there is one.
    """

    name: Words
    county: Annotated[str, StringConstraints(pattern=r"^\d{5}$")]
    state: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    unincorporated: str = ""
    parcels: tuple[ParcelLayer, ...] = Field(min_length=1)
    zoning: tuple[ZoningLayer, ...] = ()


class PropertySources(_Part):
    """Everything that may be asked for a parcel."""

    geocoder: Geocoder | None = Geocoder(
        name="US Census Bureau geocoder", url="https://geocoding.geo.census.gov/geocoder"
    )
    regions: tuple[Region, ...] = ()

    @property
    def servers(self) -> tuple[Geocoder | ParcelLayer | ZoningLayer, ...]:
        """Every server that is named."""
        layers = [layer for region in self.regions for layer in (*region.parcels, *region.zoning)]
        return (*((self.geocoder,) if self.geocoder else ()), *layers)

    @property
    def hosts(self) -> frozenset[str]:
        """The entries of an allow-list that let them all be asked."""
        return frozenset(entry_of(URL(server.url)) for server in self.servers)

    @property
    def digest(self) -> str:
        """Tells two configurations apart."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:16]


def sources_of(setting: str) -> PropertySources | None:
    """The sources that PLOTLOT_PROPERTY_SOURCES names; None where it is empty. Raises InvalidRequest saying what is wrong."""
    names = [name.strip() for name in setting.split(",") if name.strip()]
    if not names:
        return None
    if all(name in PRESETS for name in names):
        return _sources({"presets": names}, "PLOTLOT_PROPERTY_SOURCES")
    if setting.lstrip().startswith("{"):
        return _sources(_document(setting.encode(), "PLOTLOT_PROPERTY_SOURCES"), "PLOTLOT_PROPERTY_SOURCES")
    path = Path(setting.strip())
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidRequest(
            f"PLOTLOT_PROPERTY_SOURCES: {setting!r} is neither a file that can be read ({error.strerror}) nor names"
            f" of presets; there are {', '.join(PRESETS)}",
            field="property_sources",
        ) from None
    if len(content) > MOST_BYTES:
        raise InvalidRequest(f"{path} is larger than {MOST_BYTES / 1e6:g} MB", field="property_sources")
    return _sources(_document(content, str(path)), str(path))


def _document(content: bytes, place: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        words = " ".join(str(error).split())
        raise InvalidRequest(f"{place} is neither YAML nor JSON: {words}", field="property_sources") from None


def _sources(document: Any, place: str) -> PropertySources:
    """The sources of a document, those of its presets after its own."""
    if not isinstance(document, dict):
        raise InvalidRequest(
            f"{place} should be a mapping with presets, geocoder and regions", field="property_sources"
        )
    named = document.get("presets") or []
    unknown = [name for name in named if name not in PRESETS] if isinstance(named, list) else [named]
    if unknown:
        raise InvalidRequest(
            f"{place}: there is no preset {unknown[0]!r}; there are {', '.join(PRESETS)}",
            field="presets",
            suggestions=PRESETS,
        )
    own = document.get("regions") or []
    regions = [*(own if isinstance(own, list) else [own]), *map(preset, named)]
    rest = {name: value for name, value in document.items() if name != "presets"}
    try:
        found = PropertySources.model_validate({**rest, "regions": regions}, strict=False)
    except ValidationError as error:
        raise InvalidRequest(f"{place}: {_complaint(error)}", field="property_sources") from None
    if not found.regions:
        raise InvalidRequest(f"{place} names no region and no preset", field="regions")
    return found


def egress_client(sources: PropertySources, settings: Settings, metrics: Metrics) -> EgressClient:
    """The client that may ask these sources, and whom the settings allow besides."""
    rules = EgressRules(
        hosts=entries_in(settings.egress_hosts) | sources.hosts,
        own=entries_in(settings.egress_own_hosts),
        agreed=entries_in(settings.egress_agreed_hosts),
    )
    seconds = settings.egress_timeout_seconds
    return EgressClient(rules, metrics, Limits(seconds=seconds, seconds_in_all=2 * seconds))


def preset(name: str) -> Any:
    """A region that comes with PlotLot."""
    import yaml

    return yaml.safe_load((resources.files(__package__) / "presets" / f"{name}.yaml").read_text("utf-8"))


def _complaint(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    words = str(first["msg"]).removeprefix("Value error, ")
    more = error.error_count() - 1
    return f"{where}: {words}" + (f"; and {more} more" if more else "")
