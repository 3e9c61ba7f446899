import pytest

from plotlot.evaluation.capacity.model import Limit, Sizing, blended, gpus_at, limit_of, needs_at

COSTS = {"look": {"gateway": 0.002, "postgres": 0.001}, "ask": {"gateway": 0.004, "inference": 0.010}}


def test_a_mix_costs_its_average() -> None:
    mixed = blended(COSTS, {"look": 3, "ask": 1})
    assert mixed == pytest.approx({"gateway": 0.0025, "inference": 0.0025, "postgres": 0.00075})


@pytest.mark.parametrize(
    ("mix", "words"), [({"look": 0}, "asks for nothing"), ({"dance": 1}, "not measured: dance")]
)
def test_a_mix_that_cannot_be_costed_is_refused(mix: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        blended(COSTS, mix)


def test_what_is_full_first_is_the_limit() -> None:
    seconds = {"gateway": 0.01, "extraction": 0.004, "postgres": 0.03}
    assert limit_of(seconds, {}, cores=8) == Limit(pytest.approx(100), "gateway")
    assert limit_of(seconds, {"gateway": 3}, cores=8) == Limit(pytest.approx(8 / 0.044), "cores")
    assert limit_of(seconds, {"gateway": 3}, cores=80).by == "extraction"


def test_needs_are_the_cores_that_are_busy_and_room_beside_them() -> None:
    seconds = {"gateway": 0.006, "inference": 0.003, "postgres": 0.003, "client": 0.5}
    sizing = Sizing(busy=0.6, megabytes={"gateway": 200}, connections=8, spare=1)
    found = {need.service: need for need in needs_at(1000, seconds, sizing, frozenset({"inference"}))}
    assert set(found) == {"gateway", "inference", "postgres"}
    assert (found["gateway"].replicas, found["gateway"].connections) == (11, 88)
    assert found["gateway"].gigabytes == pytest.approx(2.2)
    assert (found["inference"].replicas, found["inference"].connections) == (6, 0)
    assert found["postgres"].cores == pytest.approx(5)


def test_gpus_are_tokens_over_tokens() -> None:
    assert gpus_at(10, 600, 2000, busy=0.5) == pytest.approx(6)
    with pytest.raises(ValueError, match="writes nothing"):
        gpus_at(1, 1, 0)


def test_a_service_that_is_hardly_asked_has_one_replica_and_the_spare() -> None:
    (need,) = needs_at(1, {"judge": 0.0}, Sizing(spare=1), frozenset())
    assert need.replicas == 2
