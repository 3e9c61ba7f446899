"""The prompts by which a model is asked for standards, as files; a folder may bring further versions."""

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.prompts import Prompt, file_name, name_in, version_of

PARTS = frozenset({"system", "question", "complaint"})


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
                return usable(Prompt(name, file.read_text(encoding="utf-8")))
        raise ServiceUnavailable(
            f"the request's bundle names prompt {name!r}, which is not here; there are {', '.join(self.names)}"
        )


def usable(prompt: Prompt) -> Prompt:
    """The prompt, where all parts are there that reading needs. Raises ServiceUnavailable."""
    try:
        examples = [json.loads(line) for line in prompt.parts.get("examples", "").splitlines()]
        whole = all(isinstance(one["user"], str) and isinstance(one["assistant"], str) for one in examples)
    except (ValueError, TypeError, KeyError):
        whole = False
    if not whole or not prompt.parts.keys() >= PARTS:
        raise ServiceUnavailable(
            f"the prompt {prompt.name} cannot be used: it needs parts headed {', '.join(sorted(PARTS))}, "
            "and its examples are JSON objects of user and assistant, one a line"
        )
    return prompt
