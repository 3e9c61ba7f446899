"""The service translates, and names the field at fault."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest

from plotlot.api.inference.v1 import inference_pb2 as messages
from plotlot.domain.bundles import Generation, Parameters
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.inference.embedding import Embeddings
from plotlot.inference.generation import Answer, Passage, Quote
from plotlot.inference.servicer import MOST_PASSAGES, MOST_TEXTS, InferenceServicer
from plotlot.rpc.context import RequestContext, current_request


class Lengths:
    model, engine, dimensions = "lengths", "test", 2

    def embed(self, texts: Sequence[str]) -> Embeddings:
        return Embeddings(np.array([[len(text), 0] for text in texts], np.float32), 7)


class FirstWord:
    model, engine, prompts = "first-word", "test", ("quotes/1", "short/1")

    def answer(self, question: str, passages: Sequence[Passage], parameters: Generation) -> Answer:
        self.asked = parameters
        word = passages[0].text.split()[0]
        return Answer(word, (Quote(passages[0].id, 0, len(word), 0.5),), 11, 1)


@pytest.fixture
def servicer() -> InferenceServicer:
    return InferenceServicer(Lengths(), FirstWord())


async def test_vectors_are_little_endian_floats_in_order(servicer: InferenceServicer) -> None:
    response = await servicer.Embed(messages.EmbedRequest(texts=["a", "abc"], model="lengths"), None)
    assert [np.frombuffer(vector, "<f4").tolist() for vector in response.vectors] == [[1, 0], [3, 0]]
    assert (response.dimensions, response.model, response.tokens) == (2, "lengths", 7)


async def test_an_answer_comes_with_its_quotes(servicer: InferenceServicer) -> None:
    passage = messages.Passage(id="p", text="Yards are deep.")
    response = await servicer.Generate(messages.GenerateRequest(question="What?", passages=[passage]), None)
    assert response.answer == "Yards"
    assert (response.engine, response.model) == ("test", "first-word")
    assert (response.prompt_tokens, response.completion_tokens) == (11, 1)
    assert [(quote.passage, quote.start, quote.end, quote.score) for quote in response.quotes] == [
        ("p", 0, 5, 0.5)
    ]


async def test_both_models_are_listed(servicer: InferenceServicer) -> None:
    models = (await servicer.ListModels(messages.ListModelsRequest(), None)).models
    assert [(model.name, model.task, model.engine, model.dimensions) for model in models] == [
        ("lengths", "embed", "test", 2),
        ("first-word", "generate", "test", 0),
    ]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (messages.EmbedRequest(), "texts"),
        (messages.EmbedRequest(texts=["x"] * (MOST_TEXTS + 1)), "texts"),
        (messages.EmbedRequest(texts=["x"], model="gpt"), "model"),
        (messages.GenerateRequest(question=" "), "question"),
        (messages.GenerateRequest(question="x", model="gpt"), "model"),
        (
            messages.GenerateRequest(question="x", passages=[messages.Passage()] * (MOST_PASSAGES + 1)),
            "passages",
        ),
    ],
)
async def test_a_request_that_cannot_be_served_names_the_field(
    servicer: InferenceServicer, request_: messages.EmbedRequest | messages.GenerateRequest, field: str
) -> None:
    call = servicer.Embed if isinstance(request_, messages.EmbedRequest) else servicer.Generate
    with pytest.raises(InvalidRequest) as raised:
        await call(request_, None)
    assert raised.value.field == field


@contextmanager
def serving(generation: Generation) -> Iterator[None]:
    """Serve a request of a bundle with these parameters."""
    context = RequestContext("r", "bundle-x", parameters=Parameters(generation=generation))
    token = current_request.set(context)
    try:
        yield
    finally:
        current_request.reset(token)


ASKED = messages.GenerateRequest(
    question="What?", passages=[messages.Passage(id="p", text="Yards are deep.")]
)


async def test_the_bundle_of_the_request_decides_how_it_is_answered() -> None:
    generator = FirstWord()
    wanted = Generation(model="first-word", prompt="short/1", least_relevance=0.1, most_quotes=2)
    with serving(wanted):
        await InferenceServicer(Lengths(), generator).Generate(ASKED, None)
    assert generator.asked == wanted


@pytest.mark.parametrize(
    ("wanted", "said"),
    [(Generation(prompt="quotes/9"), "quotes/1, short/1"), (Generation(model="gpt"), "first-word")],
)
async def test_a_bundle_that_cannot_be_served_is_a_fault_of_ours_that_says_what_there_is(
    servicer: InferenceServicer, wanted: Generation, said: str
) -> None:
    with serving(wanted), pytest.raises(ServiceUnavailable, match=said):
        await servicer.Generate(ASKED, None)
