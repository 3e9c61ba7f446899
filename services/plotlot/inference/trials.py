"""Whether an engine does what it will be asked to: it is there, knows the model, and keeps to a schema."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from plotlot.domain.errors import PlotLotError, UnsupportedSchema
from plotlot.domain.messages import Message
from plotlot.inference.completion import Engine, EngineState, Prompt, Sampling
from plotlot.inference.structured import BrokenAnswer, check_answer

TRIAL_SECONDS = 60.0  # a small model on a busy processor takes its time
MOST_TOKENS = 64
SHOWN_MODELS = 5
# Nobody writes these words unless the schema makes them: an engine that passes over it is found out.
SCHEMA = {
    "type": "object",
    "properties": {"mark": {"enum": ["q7-x3", "z9-w1"]}},
    "required": ["mark"],
    "additionalProperties": False,
}
ASKED = Message("user", "Tell me in one sentence what a rear yard is.")
UNCONSTRAINED = (
    "what must follow a schema will be refused: turn structured output on where the engine starts "
    "(vLLM: --structured-outputs-config, SGLang: --grammar-backend), and see that PLOTLOT_GENERATION_ENGINE names it"
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it; ``advice`` is empty where all is well."""

    endpoint: str
    detail: str
    advice: str = ""


async def tried(engine: Engine, model: str) -> Trial:
    """Ask an engine how it is, and for one answer that no model gives of itself."""
    state = await engine.state()
    if not state.ready:
        return Trial(engine.endpoint, "does not answer", f"{state.reason}; see PLOTLOT_GENERATION_URL")
    if state.models and model not in state.models:
        known = ", ".join(state.models[:SHOWN_MODELS])
        return Trial(
            engine.endpoint, f"does not serve {model}", f"set PLOTLOT_GENERATION_MODEL to one of: {known}"
        )
    try:
        async with asyncio.timeout(TRIAL_SECONDS):
            text, finish_reason = await written(engine, model)
        check_answer(text, SCHEMA, finish_reason)
    except BrokenAnswer as broken:
        return Trial(engine.endpoint, f"does not keep to a schema: {broken}", UNCONSTRAINED)
    except UnsupportedSchema as error:
        return Trial(engine.endpoint, error.message, UNCONSTRAINED)
    except TimeoutError:
        return Trial(
            engine.endpoint, f"has not answered in {TRIAL_SECONDS:g} seconds", "see what else it works on"
        )
    except PlotLotError as error:
        return Trial(engine.endpoint, "does not write", error.message)
    return Trial(engine.endpoint, described(engine, state, model))


async def written(engine: Engine, model: str) -> tuple[str, str]:
    """A short answer by the schema, and why it ended."""
    prompt = Prompt(model, (ASKED,), SCHEMA, Sampling(max_tokens=MOST_TOKENS), urgency=1)
    text, reason = "", ""
    async with aclosing(engine.write(prompt)) as pieces:
        async for piece in pieces:
            text, reason = text + piece.text, piece.finish_reason or reason
    return text, reason


def described(engine: Engine, state: EngineState, model: str) -> str:
    """What works, in a line."""
    named = f"{engine.name} {state.version}".strip()
    reads = f", reads {state.max_tokens:,} tokens" if state.max_tokens else ""
    return f"{named} at {engine.endpoint} serves {model}{reads}, and keeps to a schema"
