import pytest
from agree import disagreements, ratios
from stalling import true_percentile_seconds


def rounds(throughput: float, p95: float, errors: int = 0) -> list[dict[str, float]]:
    whole = {"throughput": throughput, "p50": p95 / 2, "p95": p95, "errors": errors}
    return [whole, whole | {"p95": p95 * 9}, whole]


def test_rounds_are_compared_by_their_medians() -> None:
    found = {"go": rounds(100, 20), "locust": rounds(99, 20.8)}
    assert ratios(found) == pytest.approx({"throughput": 0.99, "p50": 1.04, "p95": 1.04})
    assert disagreements(found) == []


def test_what_they_do_not_agree_on_is_told() -> None:
    words = disagreements({"go": rounds(100, 20), "locust": rounds(94, 22, errors=2)})
    assert [each.split(":")[0] for each in words] == ["throughput", "p95", "6 requests failed"]


def test_the_stalling_servers_truth() -> None:
    assert true_percentile_seconds(0.95) == pytest.approx(0.805)
    assert true_percentile_seconds(0.5) == pytest.approx(0.005)
