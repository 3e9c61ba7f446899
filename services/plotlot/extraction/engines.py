"""The engines that read codes, and the one place that picks the one that a bundle names."""

from collections.abc import Mapping, Sequence

from plotlot.domain.documents import Document
from plotlot.domain.errors import ServiceUnavailable
from plotlot.extraction.engine import CodeReading, Engine
from plotlot.extraction.reader import ENGINE as READER
from plotlot.extraction.whole_code import WholeCodeEngine


class Engines:
    """The engines of this deployment; the first is the one of bundles that name none."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._default = engines[0]
        self._by_name = {engine.name: engine for engine in engines}

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which bundles know them."""
        return tuple(self._by_name)

    def named(self, name: str) -> Engine:
        """The engine of a name, the default for none. Raises ServiceUnavailable: a fault of ours."""
        found = self._by_name.get(name) if name else self._default
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


def engines() -> Engines:
    """Every engine that this code has and this deployment can run."""
    return Engines([reader()])
