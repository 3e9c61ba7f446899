"""Prompts in MLflow's registry, where people look what a run's prompt said; PlotLot itself reads files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plotlot.domain.prompts import Prompt, version_of
from plotlot.evaluation.tracking import recorded, tracking_client

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import PromptVersion

DIGEST = "plotlot.sha256"
NAME = "plotlot.prompt"


@dataclass(frozen=True, slots=True)
class Registered:
    """A prompt, where the registry has it, and whether it came there now."""

    name: str
    place: str
    new: bool


def register(prompts: Iterable[Prompt], uri: str) -> list[Registered]:
    """Register each prompt that the registry does not have, oldest version first. Raises ServiceUnavailable.

    MLflow numbers versions itself: which of PlotLot's one is stands in its tags, with the text's digest.
    """
    client = tracking_client(uri)
    found = []
    with recorded(uri):
        for prompt in sorted(prompts, key=lambda one: version_of(one.name)):
            name = f"plotlot-{version_of(prompt.name)[0]}"
            known = {one.tags.get(DIGEST): one.version for one in _versions(client, name)}
            version = known.get(prompt.digest)
            if version is None:
                made = client.register_prompt(
                    name,
                    prompt.text,
                    commit_message=prompt.name,
                    tags={DIGEST: prompt.digest, NAME: prompt.name},
                )
                version = made.version
            found.append(Registered(prompt.name, f"prompts:/{name}/{version}", prompt.digest not in known))
    return found


def _versions(client: "MlflowClient", name: str) -> Sequence["PromptVersion"]:
    if client.get_prompt(name) is None:
        return ()
    versions: Sequence[PromptVersion] = client.search_prompt_versions(name)
    return versions
