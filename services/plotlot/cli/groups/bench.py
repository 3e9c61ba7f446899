"""``plotlot bench``: load on what serves."""

import click

from plotlot.cli.command import JSON, stateless
from plotlot.settings import Settings


@click.group()
def bench() -> None:
    """Load on what serves, and how fast it answers."""


@bench.command("inference")
@click.option("--url", required=True, help="http://... of an engine, or grpc://host:port of inference.")
@click.option("--model", default="", help="The model's name at an engine.")
@click.option(
    "--concurrency", "-c", multiple=True, type=click.IntRange(1), help="Users at a time; may be repeated."
)
@click.option(
    "--rate",
    "-r",
    multiple=True,
    type=click.FloatRange(0, min_open=True),
    help="Requests a second; may be repeated.",
)
@click.option(
    "--requests", "-n", default=100, show_default=True, type=click.IntRange(1), help="Of each load."
)
@click.option(
    "--prompt-words", default=200, show_default=True, type=click.IntRange(0), help="Words of a prompt."
)
@click.option(
    "--max-tokens", default=32, show_default=True, type=click.IntRange(1), help="Tokens of an answer."
)
@click.option("--first-token-ms", default=1000.0, show_default=True, help="Objective for the first token.")
@click.option("--token-ms", default=200.0, show_default=True, help="Objective for each further token.")
@click.option(
    "--seed", default=1, show_default=True, help="Of the prompts and of the times between requests."
)
@JSON
@stateless
async def inference(
    settings: Settings,
    url: str,
    model: str,
    concurrency: tuple[int, ...],
    rate: tuple[float, ...],
    requests: int,
    prompt_words: int,
    max_tokens: int,
    first_token_ms: float,
    token_ms: float,
    seed: int,
    as_json: bool,
) -> int:
    """Time to first token, time per token, tokens a second and goodput, in closed and in open loop."""
    from plotlot.cli.bench import Load, run_inference

    loads = [Load(users=each) for each in concurrency or (() if rate else (1, 4, 16))]
    loads += [Load(per_second=each) for each in rate]
    shape = (requests, prompt_words, max_tokens, seed)
    return await run_inference(url, model, loads, shape, (first_token_ms / 1000, token_ms / 1000), as_json)
