"""Which engine a bundle gets, and what an ensemble is made of."""

import pytest
from unit.extraction.fake_models import NONE, Scripted

from plotlot.domain.bundles import Extraction
from plotlot.domain.errors import NoGenerator, ServiceUnavailable
from plotlot.extraction.engines import NAMES, Engines, engines
from plotlot.extraction.ensemble_engine import EnsembleEngine, Member
from plotlot.extraction.whole_code import WholeCodeEngine


class Nobody(Scripted):
    """Inference without a model that writes."""

    async def default_model(self) -> str:
        raise NoGenerator("none")


async def test_a_bundle_gets_the_engine_that_it_names_and_the_rules_where_it_names_none() -> None:
    served = engines(Scripted(NONE))
    assert set(served.names) == {name for name in NAMES if not name.startswith("learned/")}
    assert served.named("") is served.named(NAMES[0])
    for name in served.names:
        assert served.named(name).name == name
    with pytest.raises(ServiceUnavailable, match="learned/9"):
        served.named("learned/9")


async def test_what_changes_an_answer_is_in_the_name_of_its_readings() -> None:
    served = engines(Scripted(NONE))
    model, ensemble = served.named("model/1"), served.named("ensemble/1")
    default, other = await model.reading_name(Extraction()), await model.reading_name(Extraction(model="m"))
    assert default.startswith("model/1 scripted standards/1 ")
    assert other.startswith("model/1 m standards/1 ")
    assert await ensemble.reading_name(Extraction()) == f"ensemble/1: {NAMES[0]} + {default}"


async def test_a_bundle_may_name_the_very_model_of_an_engine() -> None:
    engine = WholeCodeEngine("learned/1", lambda documents, ids: None, "learned/1@3f0c")  # type: ignore[arg-type,return-value]
    assert Engines([engine]).named("learned/1@3f0c") is engine
    with pytest.raises(ServiceUnavailable):
        Engines([engine]).named("learned/1@other")


async def test_an_ensemble_of_one_is_refused_and_says_what_to_set() -> None:
    served = engines(Nobody(NONE))
    with pytest.raises(ServiceUnavailable, match=r"here is reader/\d+: set PLOTLOT_GENERATION_URL"):
        await served.named("ensemble/1").reading_name(Extraction())
    scoring = WholeCodeEngine("learned/1", lambda documents, ids: None, "learned/1@3f0c")  # type: ignore[arg-type,return-value]
    members = [Member(served.named("")), Member(scoring, {}), Member(served.named("model/1"))]
    assert (
        await EnsembleEngine(members).reading_name(Extraction()) == f"ensemble/1: {NAMES[0]} + learned/1@3f0c"
    )
