"""``plotlot prompt optimise``: a candidate bundle and its prompt, or nothing."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from plotlot.cli.commands import write_whole
from plotlot.cli.output import print_json
from plotlot.cli.prompts import chosen
from plotlot.domain.bundle_changes import kind_of, with_changes
from plotlot.domain.bundles import Bundle
from plotlot.domain.errors import InvalidRequest, NoGenerator
from plotlot.domain.prompts import Prompt, file_name, name_in, version_of
from plotlot.evaluation.gold import load_gold
from plotlot.evaluation.prompting.cases import Case, cases_of, divided
from plotlot.evaluation.prompting.proposing import proposed, writer
from plotlot.evaluation.prompting.search import Found, search
from plotlot.evaluation.prompting.trials import Trials
from plotlot.runtime.bundles import bundle_in, own_bundle
from plotlot.runtime.process import Runtime
from plotlot.settings import Settings

BREADTH, DEPTH = 4, 2  # of DSPy's search: wordings at a time, and how often it improves on them
MOST_TOKENS = 3_000


async def run_optimise(
    settings: Settings,
    gold: Path,
    documents: Path,
    out: Path,
    base: str,
    as_json: bool,
    bundle: Path | None,
    tries: int,
    most_cases: int,
    seed: int,
    dspy: bool,
) -> int:
    """Search, and write what was found; 3 where nothing was better."""
    if settings.generation_url is None:
        raise NoGenerator(
            "set PLOTLOT_GENERATION_URL and PLOTLOT_GENERATION_MODEL to the model that is to read"
        )
    (start,) = (one.prompt for one in chosen(settings, [base]))
    key = settings.generation_api_key
    api_key = key.get_secret_value() if key else ""
    proposer = writer(settings.generation_url, settings.generation_model, api_key) if dspy else None
    cases = sample(cases_of(load_gold(gold), documents, MOST_TOKENS), most_cases, seed)
    learning, choosing = divided(cases)
    if not learning or not choosing:
        raise InvalidRequest("two districts with checked values are the least to learn from", field="gold")
    name = next_version(start, [*known_in(settings.prompt_dir), *known_in(out)])
    async with Runtime(settings, ("inference",)) as runtime:
        trials = trials_on(runtime, settings.generation_model)
        other = None
        if proposer is not None:
            other = await proposed(trials, start, name, learning, proposer, BREADTH, DEPTH)
        found = await search(
            trials,
            start,
            name,
            learning,
            choosing,
            tries,
            seed,
            other,
            lambda words: click.echo(words, err=True),
        )
    candidate = write_candidate(found, out, bundle_in(bundle) if bundle else own_bundle(settings))
    report(found, candidate, out, as_json)
    return 0 if candidate else 3


def trials_on(runtime: Runtime, model: str) -> Trials:
    """Trials by the inference of a running process."""
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.extraction.model.inference import InferenceCompleter

    return Trials(InferenceCompleter(InferenceServiceStub(runtime.channel("inference"))), model)


def sample(cases: Sequence[Case], most: int, seed: int) -> list[Case]:
    """At most so many cases, in their order, the same for the same seed."""
    kept = random.Random(seed).sample(range(len(cases)), min(most, len(cases)))
    return [cases[number] for number in sorted(kept)]


def known_in(folder: Path | None) -> list[str]:
    """The prompts that a folder holds."""
    files = folder.iterdir() if folder is not None and folder.is_dir() else ()
    return [name for file in files if (name := name_in(file.name))]


def next_version(base: Prompt, known: Iterable[str]) -> str:
    """The name after every version of a prompt that is known."""
    family, version = version_of(base.name)
    return f"{family}/{1 + max([version, *(number for kind, number in map(version_of, known) if kind == family)])}"


def write_candidate(found: Found, out: Path, base: Bundle) -> Bundle | None:
    """The prompt's file and the bundle's beside it; nothing where nothing was better."""
    if found.best is None:
        return None
    prompt = found.best.prompt
    changes = [("extraction.prompt", prompt.name)]
    if kind_of(base.parameters.extraction.engine) not in ("model", "ensemble"):
        from plotlot.extraction.model import ENGINE

        changes.append(("extraction.engine", ENGINE))
    bundle = with_changes(base, changes)
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / file_name(prompt.name), prompt.text)
    write_whole(out / "bundle.json", bundle.as_file())
    return bundle


def report(found: Found, candidate: Bundle | None, out: Path, as_json: bool) -> None:
    """What was found, and where it lies."""
    best = found.best
    if as_json:
        print_json(
            {
                "base": {"prompt": found.base.prompt.name, **found.base.scores},
                "best": {"prompt": best.prompt.name, **best.scores} if best else None,
                "tried": found.tried,
                "bundle": candidate.id if candidate else None,
            }
        )
    elif best is None or candidate is None:
        click.echo(
            f"none of {found.tried} prompts was better than {found.base.prompt.name}: nothing was written"
        )
    else:
        click.echo(
            f"{best.prompt.name}: F1 {best.scores['f1']:.3f}, where {found.base.prompt.name} has"
            f" {found.base.scores['f1']:.3f}\n{candidate.id}  {out / 'bundle.json'}\n"
            f"Serve it with PLOTLOT_PROMPT_DIR={out}"
        )
