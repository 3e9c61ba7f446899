import pytest
from outcomes import Outcome, figures, knee, latency, missed, report_of, span_seconds


def outcomes(count: int, rate: float = 10, **other: float) -> list[Outcome]:
    return [Outcome("a", 100 + number / rate, 0.0, 0.001 * (number + 1), **other) for number in range(count)]


def test_percentiles_are_values_that_were_measured() -> None:
    assert latency(each / 1000 for each in range(100, 0, -1)) == pytest.approx(
        {"p50_ms": 50, "p90_ms": 90, "p95_ms": 95, "p99_ms": 99, "max_ms": 100}
    )
    assert latency([])["p95_ms"] == 0


def test_a_second_more_than_the_last_was_due_is_not_counted() -> None:
    assert span_seconds(outcomes(50)) == pytest.approx(5)
    assert span_seconds([]) == 0


def test_what_failed_is_counted_by_its_kind_and_has_no_latency() -> None:
    some = [*outcomes(3), Outcome("a", 101.0, 0.0, 30.0, None, "too slow")]
    found = figures(some, 4)
    assert (found["requests"], found["answered"], found["errors"]) == (4, 3, {"too slow": 1})
    assert found["latency"]["max_ms"] == pytest.approx(3)


def test_first_events_are_those_of_streams_alone() -> None:
    assert "first_event" not in figures(outcomes(3), 1)
    assert figures(outcomes(3, first=0.5), 1)["first_event"]["p50_ms"] == pytest.approx(500)


def test_a_report_has_every_operation_and_window() -> None:
    report = report_of("steady", "http://here", outcomes(150), False, {"p95_ms": 10})
    assert report["all"]["throughput_per_second"] == pytest.approx(10)
    assert [window["from_seconds"] for window in report["windows"]] == [0, 10]
    assert report["knee"] is None
    assert report["missed"] == ["p95_ms is 143, and may be 10"]


def test_the_knee_is_the_busiest_window_before_answers_fell_behind() -> None:
    def window(rate: int, answered: int, p95: float) -> dict:
        return {
            "requests": rate, "answered": answered, "throughput_per_second": answered, "latency": {"p95_ms": p95}
        }  # fmt: skip

    found = knee([window(10, 10, 20), window(20, 20, 40), window(30, 30, 90), window(25, 25, 20)])
    assert found is not None
    assert found["throughput_per_second"] == 20
    assert knee([window(10, 5, 20)]) is None


@pytest.mark.parametrize(
    ("thresholds", "words"),
    [
        ({"errors": 0.0}, ["errors is 0.25, and may be 0"]),
        ({"achieved": 0.99}, ["achieved is 0.75, and must be 0.99"]),
        ({"errors": 0.5, "achieved": 0.5, "p99_ms": 4}, []),
    ],
)
def test_thresholds_are_told_of_in_words(thresholds: dict[str, float], words: list[str]) -> None:
    some = [*outcomes(3), Outcome("a", 101.0, 0.0, 1.0, None, "status 503")]
    assert missed(thresholds, figures(some, 4)) == words
    assert missed(thresholds, figures([], 4))[-1] == "no request was sent"
