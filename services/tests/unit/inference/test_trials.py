"""An engine is tried before it is relied on, and what it lacks is named."""

import json

import pytest
from imitations import FakeVllm, Misbehaving, Scripted

from plotlot.cli.doctor import engine
from plotlot.evaluation.serving.fake_engine import FakeEngine, running
from plotlot.settings import Settings

KEPT = json.dumps({"mark": "q7-x3"})


def settings(fake: FakeEngine, **changes: str) -> Settings:
    named = {"generation_url": fake.url, "generation_model": "fake", "generation_engine": "vllm"}
    return Settings(**{**named, **changes})


async def test_an_engine_that_keeps_to_a_schema_works_and_says_what_it_is() -> None:
    async with running(FakeVllm(KEPT)) as fake:
        found = await engine(settings(fake))
    assert found.works
    assert "vllm 0.33.0" in found.detail
    assert "reads 1,000 tokens" in found.detail


async def test_an_engine_that_passes_over_the_schema_is_found_out() -> None:
    async with running(FakeVllm("A rear yard is the yard behind a house.")) as fake:
        found = await engine(settings(fake))
    assert not found.works
    assert "does not keep to a schema" in found.detail
    assert "--structured-outputs-config" in found.advice


async def test_a_model_that_is_not_served_is_named_with_those_that_are() -> None:
    async with running(FakeVllm(KEPT)) as fake:
        found = await engine(settings(fake, generation_model="other"))
    assert not found.works
    assert "does not serve other" in found.detail
    assert found.advice.endswith("one of: fake")


async def test_an_engine_that_is_away_is_said_to_be() -> None:
    fake = Scripted()
    await fake.start()
    await fake.stop()
    found = await engine(settings(fake, generation_engine="openai"))
    assert not found.works
    assert "cannot be reached" in found.advice


async def test_an_engine_that_answers_html_is_said_to() -> None:
    async with running(Misbehaving("html")) as fake:
        found = await engine(settings(fake, generation_engine="openai"))
    assert not found.works
    assert "text/html" in found.advice


async def test_without_an_engine_there_is_nothing_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLOTLOT_GENERATION_URL", raising=False)
    assert (await engine(Settings())).works
