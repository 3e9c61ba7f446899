"""The engines that read codes, and the one place that picks the one that a bundle names."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from plotlot.domain.documents import Document
from plotlot.domain.errors import ServiceUnavailable
from plotlot.extraction.engine import CodeReading, Engine
from plotlot.extraction.ensemble import ENGINE as ENSEMBLE
from plotlot.extraction.ensemble_engine import EnsembleEngine, Member
from plotlot.extraction.learned import ENGINE as LEARNED
from plotlot.extraction.model import ENGINE as MODEL
from plotlot.extraction.model.completing import Completer
from plotlot.extraction.model.engine import ModelEngine
from plotlot.extraction.prompts import Prompts
from plotlot.extraction.reader import ENGINE as READER
from plotlot.extraction.whole_code import WholeCodeEngine

NAMES = (READER, LEARNED, MODEL, ENSEMBLE)
"""The engines of this code by their names in bundles, the default first; a deployment may lack some."""


class Engines:
    """The engines of this deployment; the first is the one of bundles that name none."""

    def __init__(self, engines: Sequence[Engine], also: Mapping[str, Engine] | None = None) -> None:
        self._default = engines[0]
        self._by_name = {engine.name: engine for engine in engines}
        # A bundle may also name the very model that a whole-code engine reads with.
        exact = {engine.reads_as: engine for engine in engines if isinstance(engine, WholeCodeEngine)}
        self._exact: Mapping[str, Engine] = {**exact, **(also or {})}

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which bundles know them."""
        return tuple(self._by_name)

    def reads_whole(self, reading: str) -> bool:
        """Whether what is read under a name is read of a whole code at once."""
        return isinstance(self._exact.get(reading), WholeCodeEngine)

    def named(self, name: str) -> Engine:
        """The engine of a name, the default for none. Raises ServiceUnavailable: a fault of ours."""
        found = (self._by_name.get(name) or self._exact.get(name)) if name else self._default
        if found is None:
            raise ServiceUnavailable(
                f"the request's bundle reads codes with {name!r}, but this extraction has {', '.join(self.names)}: "
                "the request reached the wrong lane"
            )
        return found


def reader() -> Engine:
    """The deterministic reader."""

    def read_code(documents: Sequence[Document], document_ids: Mapping[str, str]) -> CodeReading:
        # The reader takes long to import, and codes are seldom read: import it with the first.
        from plotlot.extraction.reader import assemble

        return assemble.read_code(documents, document_ids)

    return WholeCodeEngine(READER, read_code)


def learned(model: Path) -> tuple[Engine, Mapping[str, float]]:
    """The learned reader with the model of a file or a registry, and the fields in which it joins an ensemble."""
    from plotlot.extraction.learned.finding import model_of
    from plotlot.extraction.learned.model import joins
    from plotlot.extraction.learned.reading import read_code

    loaded = model_of(str(model))
    return WholeCodeEngine(LEARNED, read_code(loaded), loaded.engine), joins(loaded)


def engines(
    completer: Completer, reader_model: Path | None = None, prompt_dir: Path | None = None
) -> Engines:
    """Every engine that this deployment has: by rules, by a model that writes, by one that scores, and together."""
    rules, writing = reader(), ModelEngine(completer, Prompts(prompt_dir))
    members = [Member(rules), Member(writing)]
    scoring: list[Engine] = []
    also: dict[str, Engine] = {}
    if reader_model is not None:
        from plotlot.extraction.learned.finding import alias_of

        engine, joined = learned(reader_model)
        scoring = [engine]
        # A registered model is known by its alias too: models:/NAME@champion is learned/1@champion.
        also = {f"{LEARNED}@{alias}": engine for alias in (alias_of(str(reader_model)),) if alias}
        members.insert(1, Member(engine, joined))
    return Engines([rules, *scoring, writing, EnsembleEngine(members)], also)
