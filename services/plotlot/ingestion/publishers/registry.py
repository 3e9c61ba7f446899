"""Which municipalities there are, by county: their names, and whose code applies outside of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from plotlot.domain.municipalities import municipality_key

KINDS = ("city", "town", "village")


@dataclass(frozen=True, slots=True)
class KnownMunicipality:
    """A place with a code of its own, or without one: then ``code_of`` is the county's."""

    name: str
    state: str
    county: str
    kind: str
    aliases: tuple[str, ...] = ()
    incorporated: bool = True
    unincorporated_name: str = ""

    @property
    def municipality(self) -> str:
        """Its name with the state."""
        return f"{self.name}, {self.state}"

    @property
    def code_of(self) -> str:
        """Whose code applies there: its own, or outside of municipalities the county's."""
        return self.municipality if self.incorporated else self.unincorporated_name

    @property
    def spellings(self) -> Iterable[str]:
        """Every name that it goes by, without the state."""
        for name in (self.name, *self.aliases):
            yield name
            if self.incorporated:
                yield f"{self.kind} of {name}"
                yield f"{name} {self.kind}"


class Registry:
    """Municipalities by any of their names."""

    def __init__(self, known: Iterable[KnownMunicipality]) -> None:
        self.known = tuple(known)
        self._named: dict[str, KnownMunicipality] = {}
        for one in self.known:
            for spelling in one.spellings:
                self._named.setdefault(municipality_key(f"{spelling}, {one.state}"), one)

    def find(self, name: str) -> KnownMunicipality | None:
        """The municipality or place of a name that ends with its state; None for one that is not here."""
        return self._named.get(municipality_key(name))

    def counties(self, state: str) -> list[str]:
        """The counties of a state that it knows, in order."""
        return sorted({one.county for one in self.known if one.state == state.upper()})

    def of_county(self, state: str, county: str) -> list[KnownMunicipality]:
        """The municipalities of a county, without places that are none; ``county`` with or without the word County."""
        wanted = county_key(county)
        return [
            one
            for one in self.known
            if one.state == state.upper() and county_key(one.county) == wanted and one.incorporated
        ]


def county_key(county: str) -> str:
    """What two spellings of a county share: ``Miami-Dade County`` and ``miami dade``."""
    words = county.casefold().replace("-", " ").split()
    return " ".join(words[:-1] if len(words) > 1 and words[-1] == "county" else words)


def registry() -> Registry:
    """The municipalities that come with PlotLot."""
    import yaml

    folder = resources.files(__package__) / "registries"
    known: list[KnownMunicipality] = []
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            known += _municipalities(yaml.safe_load(file.read_text("utf-8")))
    return Registry(known)


def _municipalities(document: dict) -> Iterable[KnownMunicipality]:
    for county in document["counties"]:
        for one in county["municipalities"]:
            aliases = tuple(one.get("aliases", ()))
            yield KnownMunicipality(one["name"], document["state"], county["name"], one["kind"], aliases)
        for place in county.get("places", ()):
            yield KnownMunicipality(
                place,
                document["state"],
                county["name"],
                "place",
                incorporated=False,
                unincorporated_name=county["unincorporated"],
            )
        county_itself = county["unincorporated"].rpartition(",")[0]
        yield KnownMunicipality(
            county_itself, document["state"], county["name"], "county", (f"Unincorporated {county_itself}",), False,
            county["unincorporated"],
        )  # fmt: skip
