"""``plotlot prompt``: the prompts of this code and of the settings' folder, and MLflow's copies of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff

import click

from plotlot.cli.output import print_json
from plotlot.domain.bundles import nearest
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.prompts import Prompt
from plotlot.settings import Settings


@dataclass(frozen=True, slots=True)
class Listed:
    """A prompt, and the parameter of a bundle that names it."""

    prompt: Prompt
    parameter: str


def catalogue(settings: Settings) -> Mapping[str, Listed]:
    """Every prompt by its name."""
    from plotlot.extraction.prompts import Prompts
    from plotlot.inference import prompts as answering

    reading = Prompts(settings.prompt_dir)
    found = [Listed(reading.named(name), "extraction.prompt") for name in reading.names]
    found += [Listed(Prompt(name, answering.prompt(name)), "generation.prompt") for name in answering.NAMES]
    return {one.prompt.name: one for one in found}


def chosen(settings: Settings, names: Iterable[str]) -> list[Listed]:
    """Prompts by their names. Raises InvalidRequest with those that are near."""
    known = catalogue(settings)
    for name in names:
        if name not in known:
            near = nearest(name, list(known))
            raise InvalidRequest(
                f"there is no prompt {name!r}; there are {', '.join(known)}",
                field="prompt",
                suggestions=near[:3],
            )
    return [known[name] for name in names]


def run_list(settings: Settings, as_json: bool) -> int:
    """A line for each prompt."""
    found = catalogue(settings).values()
    if as_json:
        print_json({"prompts": [described(one) for one in found]})
        return 0
    for one in found:
        click.echo(f"{one.prompt.name:16} {one.prompt.digest[:12]}  {one.parameter}")
    return 0


def run_show(settings: Settings, name: str, as_json: bool) -> int:
    """One prompt."""
    (found,) = chosen(settings, [name])
    if as_json:
        print_json({**described(found), "text": found.prompt.text})
    else:
        click.echo(found.prompt.text.rstrip("\n"))
    return 0


def run_diff(settings: Settings, before: str, after: str) -> int:
    """What changed between two prompts."""
    old, new = (one.prompt for one in chosen(settings, [before, after]))
    lines = unified_diff(old.text.splitlines(), new.text.splitlines(), old.name, new.name, lineterm="")
    click.echo("\n".join(lines) or "no difference")
    return 0


def run_register(settings: Settings, names: Sequence[str], tracking: str, as_json: bool) -> int:
    """Register prompts with MLflow."""
    from plotlot.evaluation.prompt_registry import register

    found = [one.prompt for one in (chosen(settings, names) if names else catalogue(settings).values())]
    registered = register(found, tracking)
    if as_json:
        print_json(
            {"registered": [{"name": one.name, "mlflow": one.place, "new": one.new} for one in registered]}
        )
        return 0
    for one in registered:
        click.echo(f"{one.name:16} {one.place}{'' if one.new else ' (was there)'}")
    return 0


def described(one: Listed) -> dict[str, str]:
    """A prompt without its text."""
    return {"name": one.prompt.name, "sha256": one.prompt.digest, "parameter": one.parameter}
