"""The plan of a gateway: which answers it reports as slow."""

from plotlot.domain.guardrails import Guardrail, Guardrails, Measure
from plotlot.judge.plans import objectives


def latency(name: str, objectives_seconds: dict[str, float]) -> Guardrail:
    return Guardrail(name, Measure.LATENCY, margin=0.05, objectives_seconds=objectives_seconds)


def test_the_tightest_objective_of_each_operation_counts_also_one_that_is_for_all_others() -> None:
    everything, asking = latency("everything", {"": 1.0, "analyze": 5.0}), latency("asking", {"ask": 3.0})
    cost = Guardrail("cost", Measure.COST, margin=0.1, objectives_seconds={"search": 0.1})
    assert objectives(Guardrails(each=(everything, cost))) == {"": 1.0, "analyze": 5.0}
    assert objectives(Guardrails(each=(everything, asking))) == {"": 1.0, "analyze": 5.0, "ask": 1.0}
    assert objectives(Guardrails(each=(asking,))) == {"ask": 3.0}
