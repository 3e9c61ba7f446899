"""Which publishers are asked, as an operator writes it: one YAML or JSON file, or names of presets."""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from yarl import URL

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.municipalities import state_of
from plotlot.egress.rules import entry_of
from plotlot.ingestion.publishers.folder import Folder, municipality_of
from plotlot.ingestion.publishers.municode import Municode
from plotlot.ingestion.publishers.pages import Pages
from plotlot.ingestion.publishers.publisher import Publisher

PRESETS = ("municode", "american-legal", "ecode360")
MOST_BYTES = 1_000_000
FIELD = "publishers"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _web_address(url: str) -> str:
    found = URL(url)
    if found.scheme not in ("http", "https") or not found.host or found.user or found.fragment:
        raise ValueError("it should look like https://host/path")
    return url.rstrip("/")


class MunicodeServer(_Part):
    """A server that answers as Municode's API does; ``site`` is the library that requests come from."""

    kind: Literal["municode"]
    name: Name
    url: str
    site: str

    _plain = field_validator("url", "site")(_web_address)

    @property
    def hosts(self) -> frozenset[str]:
        """The entries of an allow-list that let it be asked."""
        return frozenset({entry_of(URL(self.url))})

    @property
    def states(self) -> frozenset[str]:
        """The states that it is known to list without being asked: none."""
        return frozenset()


class PagesOfCodes(_Part):
    """A site of pages; its fields are those of ``pages.Pages``. ``towns`` are municipalities by their addresses."""

    kind: Literal["pages"]
    name: Name
    index: str = ""
    town_link: str = ""
    code: str = "{reference}"
    page_link: str = r"\.(?:html?|pdf|docx|txt|md)$"
    depth: int = Field(default=1, ge=1, le=3)
    towns: dict[str, str] = {}

    @model_validator(mode="after")
    def _is_whole(self) -> "PagesOfCodes":
        if bool(self.index) != ("?P<reference>" in self.town_link):
            raise ValueError("index and town_link go together, and town_link captures (?P<reference>...)")
        if not self.index and not self.towns:
            raise ValueError("name an index, or towns with their addresses")
        for url in (self.index, *self.towns.values()):
            if url:
                _web_address(url)
        return self

    @property
    def hosts(self) -> frozenset[str]:
        """The entries of an allow-list that let all of its addresses be asked."""
        addresses = [*([self.index, self.code] if self.index else []), *self.towns.values()]
        return frozenset(entry_of(URL(one)) for one in addresses if one.startswith("http"))

    @property
    def states(self) -> frozenset[str]:
        """The states of the towns that are named here."""
        return states_of(self.towns)


class FolderOfTowns(_Part):
    """A folder with a folder for each town."""

    kind: Literal["folder"]
    name: Name
    path: Path

    @property
    def hosts(self) -> frozenset[str]:
        """It asks nobody."""
        return frozenset()

    @property
    def states(self) -> frozenset[str]:
        """The states behind the names of its folders; none where it cannot be read."""
        try:
            return states_of(municipality_of(one.name) for one in self.path.iterdir() if one.is_dir())
        except OSError:
            return frozenset()


Entry = Annotated[MunicodeServer | PagesOfCodes | FolderOfTowns, Field(discriminator="kind")]


class Publishers(_Part):
    """Everything that may be asked for codes; of a town that several list, the first is believed."""

    publishers: tuple[Entry, ...] = Field(min_length=1)

    @property
    def hosts(self) -> frozenset[str]:
        """The entries of an allow-list that let them all be asked."""
        return frozenset().union(*(one.hosts for one in self.publishers))

    @property
    def states(self) -> frozenset[str]:
        """The states of which they are known to have towns, though nobody was asked yet."""
        return frozenset().union(*(one.states for one in self.publishers))

    def made(self, most_bytes: int) -> list[Publisher]:
        """Each as what asks it; no document has more than ``most_bytes``."""
        return [_made(one, most_bytes) for one in self.publishers]


def states_of(municipalities: Iterable[str]) -> frozenset[str]:
    """The two letters behind the names of municipalities."""
    return frozenset(state_of(name) for name in municipalities if "," in name)


def _made(entry: Entry, most_bytes: int) -> Publisher:
    if isinstance(entry, MunicodeServer):
        return Municode(entry.name, entry.url, entry.site)
    if isinstance(entry, FolderOfTowns):
        return Folder(entry.name, entry.path, most_bytes)
    listed = {address: municipality for municipality, address in entry.towns.items()}
    return Pages(entry.name, entry.index, entry.town_link, entry.code, entry.page_link, entry.depth, listed)


def publishers_of(setting: str) -> Publishers:
    """The publishers that PLOTLOT_PUBLISHERS names. Raises InvalidRequest saying what is wrong."""
    names = [name.strip() for name in setting.split(",") if name.strip()]
    if not names:
        raise InvalidRequest(
            "PLOTLOT_PUBLISHERS is empty: name a file (docs/coverage.md), or presets, of "
            f"{', '.join(PRESETS)}",
            field=FIELD,
        )
    if all(name in PRESETS for name in names):
        return _publishers({"presets": names}, "PLOTLOT_PUBLISHERS")
    if setting.lstrip().startswith("{"):
        return _publishers(_document(setting.encode(), "PLOTLOT_PUBLISHERS"), "PLOTLOT_PUBLISHERS")
    path = Path(setting.strip())
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES)
    except OSError as error:
        raise InvalidRequest(
            f"PLOTLOT_PUBLISHERS: {setting!r} is neither a file that can be read ({error.strerror}) nor names of"
            f" presets; there are {', '.join(PRESETS)}",
            field=FIELD,
        ) from None
    return _publishers(_document(content, str(path)), str(path), path.parent)


def _document(content: bytes, place: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise InvalidRequest(
            f"{place} is neither YAML nor JSON: {' '.join(str(error).split())}", field=FIELD
        ) from None


def _publishers(document: Any, place: str, folder: Path | None = None) -> Publishers:
    """The publishers of a document, those of its presets after its own; paths are meant from the file's folder."""
    if not isinstance(document, dict):
        raise InvalidRequest(f"{place} should be a mapping with presets and publishers", field=FIELD)
    presets, own = document.get("presets") or [], document.get("publishers") or []
    unknown = [name for name in presets if name not in PRESETS] if isinstance(presets, list) else [presets]
    if unknown:
        raise InvalidRequest(
            f"{place}: there is no preset {unknown[0]!r}; there are {', '.join(PRESETS)}",
            field="presets",
            suggestions=PRESETS,
        )
    rest = {name: value for name, value in document.items() if name != "presets"}
    listed = [*(own if isinstance(own, list) else [own]), *map(preset, presets)]
    try:
        found = Publishers.model_validate({**rest, "publishers": listed})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        words = str(first["msg"]).removeprefix("Value error, ")
        raise InvalidRequest(f"{place}: {where}: {words}", field=FIELD) from None
    names = [one.name for one in found.publishers]
    if len(set(names)) < len(names):
        raise InvalidRequest(f"{place}: two publishers have one name", field="name")
    if folder is None:
        return found
    return Publishers(
        publishers=tuple(
            one.model_copy(update={"path": folder / one.path}) if isinstance(one, FolderOfTowns) else one
            for one in found.publishers
        )
    )


def preset(name: str) -> Any:
    """A publisher that comes with PlotLot."""
    import yaml

    return yaml.safe_load((resources.files(__package__) / "presets" / f"{name}.yaml").read_text("utf-8"))
