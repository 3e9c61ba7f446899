"""The service translates, and names the field at fault."""

from collections.abc import Sequence

import numpy as np
import pytest

from plotlot.api.inference.v1 import inference_pb2 as messages
from plotlot.domain.errors import InvalidRequest
from plotlot.inference.embedding import Embeddings
from plotlot.inference.generation import Answer, Passage, Quote
from plotlot.inference.servicer import MOST_PASSAGES, MOST_TEXTS, InferenceServicer


class Lengths:
    model, engine, dimensions = "lengths", "test", 2

    def embed(self, texts: Sequence[str]) -> Embeddings:
        return Embeddings(np.array([[len(text), 0] for text in texts], np.float32), 7)


class FirstWord:
    model, engine = "first-word", "test"

    def answer(self, question: str, passages: Sequence[Passage]) -> Answer:
        word = passages[0].text.split()[0]
        return Answer(word, (Quote(passages[0].id, 0, len(word), 0.5),))


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
