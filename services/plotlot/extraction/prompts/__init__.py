"""The prompts by which a model is asked for standards, as files; a folder may bring further versions."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.prompts import Prompt, file_name, name_in, version_of


class Prompts:
    """Prompts by name. Those of the code come first: a folder adds versions, and changes none."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folders: tuple[Traversable, ...] = (files(__package__), *((folder,) if folder else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """Every prompt that is here, in the order of their versions."""
        found = {
            name_in(file.name) for folder in self._folders if folder.is_dir() for file in folder.iterdir()
        }
        return tuple(sorted(found - {""}, key=version_of))

    def named(self, name: str) -> Prompt:
        """The prompt of a name. Raises ServiceUnavailable with those that are here: a fault of ours."""
        for folder in self._folders:
            file = folder.joinpath(file_name(name))
            if file.is_file():
                return Prompt(name, file.read_text(encoding="utf-8"))
        raise ServiceUnavailable(
            f"the request's bundle names prompt {name!r}, which is not here; there are {', '.join(self.names)}"
        )
