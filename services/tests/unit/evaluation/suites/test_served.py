"""Standards as the REST API gives them: what is not known is absent, what fails is no reading."""

import json

import httpx
import pytest

from plotlot.domain.bundles import Bundle
from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.standards import Citation, Formula, Standard, Status, standard_json
from plotlot.evaluation.stack import Stack
from plotlot.evaluation.suites.served import served_reading, standard_of, with_engine

CITED = Citation("d", "ab", "Sec. 1", None, 3, 9, "20 per", "Code")
STANDARD = Standard(
    "rear_setback", Status.STATED, None, "ft", CITED, "model/1", 0.8, {"lot": "corner"}, "20", "percent",
    Formula(20.0, "lot_depth", None, 60.0), "a note",
)  # fmt: skip


def stack_of(status: int) -> Stack:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/R-1/standards"):
            return httpx.Response(200, json={"district": "R-1", "standards": [standard_json(STANDARD)]})
        return httpx.Response(status, json={"detail": "the engine is away"})

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://plotlot")
    return Stack(client, "bundle-1", "model/1")


def test_a_standard_comes_back_as_it_was() -> None:
    assert standard_of(json.loads(json.dumps(standard_json(STANDARD)))) == STANDARD


async def test_a_district_that_is_not_known_is_absent() -> None:
    reading = await served_reading(stack_of(404), "Aford, OH", ["R-1", "R-9"])
    found = reading.district("r 1")
    assert found is not None
    assert reading.standards[found.code] == [STANDARD]
    assert reading.district("R-9") is None


async def test_an_engine_that_does_not_answer_has_not_read_nothing() -> None:
    with pytest.raises(ServiceUnavailable, match=r"R-9: .*the engine is away"):
        await served_reading(stack_of(503), "Aford, OH", ["R-1", "R-9"])


def test_a_bundle_with_another_engine_is_another_bundle() -> None:
    bundle = Bundle("1", "p/1", "c/1")
    other = with_engine(bundle, "ensemble/1")
    assert other.parameters.extraction.engine == "ensemble/1"
    assert other.id != bundle.id
    assert with_engine(other, bundle.parameters.extraction.engine).parameters == bundle.parameters
