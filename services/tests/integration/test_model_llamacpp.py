"""The questions that read a code, asked of a real llama.cpp server.

Its model has 135 million parameters and reads no code: this proves that messages, schema and answer pass through a real
engine. Whatever it claims, nothing is believed that the code does not bear out.
"""

from collections.abc import Iterator
from pathlib import Path

import llamacpp_server
import pytest

from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
from plotlot.domain.errors import InvalidOutput
from plotlot.domain.prompts import Prompt
from plotlot.domain.quotes import verify
from plotlot.extraction.model.asking import Question
from plotlot.extraction.model.claims import FieldGroup
from plotlot.extraction.model.dialogue import Dialogue
from plotlot.extraction.model.inference import InferenceCompleter
from plotlot.extraction.model.passages import Surveyed
from plotlot.ingestion.parsers import parse_document
from plotlot.runtime.process import Runtime
from plotlot.settings import Settings

CODE = """# Zoning Ordinance

The town has an R-1 Single-Family District.

## R-1 District

The rear yard shall be at least 30 feet.
"""
FEW_TOKENS = 40  # so that a model that never ends is cut off soon
SHORT = Prompt(
    "short/1", "# system\nQuote the code.\n# question\n{fields}\n{passages}\n# complaint\n{complaints}\n"
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A llama.cpp server."""
    if lacking := llamacpp_server.lacking():
        pytest.skip(lacking)
    with llamacpp_server.served() as (found, _):
        yield found


async def test_a_real_engine_is_asked_and_believed_only_where_the_code_bears_it_out(
    url: str, tmp_path: Path
) -> None:
    settings = Settings(
        data_dir=tmp_path,
        generation_url=url,
        generation_model=llamacpp_server.MODEL,
        generation_engine="llamacpp",
    )
    document = parse_document("code.md", CODE.encode())
    surveyed = Surveyed([document])
    group = FieldGroup("rear", {"rear_setback": "least rear yard"})
    (district,) = surveyed.index.districts
    question = Question(district, group, surveyed.passages(district, tuple(group.fields), 500))
    async with Runtime(settings, ("inference",)) as runtime:
        completer = InferenceCompleter(InferenceServiceStub(runtime.channel("inference")), FEW_TOKENS)
        model = await completer.default_model()
        dialogue = Dialogue(completer, model, SHORT, {}, "model/1", "")
        try:
            answered = await dialogue.ask(question)
        except InvalidOutput:  # it wrote on until it was cut off, twice
            answered = None
        assert model == llamacpp_server.MODEL
        asked = [
            sample.value
            for metric in runtime.metrics.registry.collect()
            for sample in metric.samples
            if sample.name == "plotlot_inference_tokens_total" and sample.labels["kind"] == "prompt"
        ]
        assert sum(asked) > 80  # the prompt, with the code in it
    for standard in answered.standards if answered else ():
        assert verify(standard, document.text).holds
