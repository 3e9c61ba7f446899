from typing import Any

from sampling import Sample, waiting_in
from soak import missed, slopes

WHOLE = {"all": {"errors": {}}}


def samples(growth: float = 0.0, leak: float = 0.0, queue: float = 0.0) -> list[Sample]:
    """Twenty minutes, which grow by so much an hour."""
    return [
        Sample(
            float(second),
            {"gateway-0": 130 + growth * second / 3600 + second % 3},
            {"gateway-0": 20 + int(leak * second / 3600)},
            12 + int(leak * second / 3600),
            {"gateway-0": second % 5 + queue * second / 3600},
        )
        for second in range(0, 1200, 5)
    ]


def names(found: list[str]) -> list[str]:
    return [each.split(" grows")[0] for each in found]


def test_what_stays_as_it_is_passes() -> None:
    assert missed(samples(), [], WHOLE) == []


def test_each_thing_that_grows_is_told_of() -> None:
    assert names(missed(samples(growth=60), [], WHOLE)) == ["memory gateway-0"]
    assert names(missed(samples(leak=90), [], WHOLE)) == ["sockets gateway-0", "connections to the database"]
    assert names(missed(samples(queue=300), [], WHOLE)) == ["waiting or under way"]


def test_what_grows_only_while_it_warms_is_no_leak() -> None:
    warming = [
        Sample(each.seconds, {"gateway-0": min(each.seconds, 150.0)}, {}, 12, {}) for each in samples()
    ]
    assert slopes(warming)["memory gateway-0"].per_hour == 0


def test_errors_and_missed_looks_are_told_of() -> None:
    report: dict[str, Any] = {"all": {"errors": {"status 503": 2}}}
    assert missed(samples(), ["ReadTimeout: "], report) == [
        "2 requests ended with status 503",
        "no look could be taken: ReadTimeout: ",
    ]


def test_gauges_of_what_waits_are_added_up() -> None:
    text = (
        "# TYPE plotlot_requests_in_flight gauge\n"
        'plotlot_requests_in_flight{service="http"} 3.0\n'
        "# TYPE plotlot_database_waiting gauge\nplotlot_database_waiting 2.0\n"
        "# TYPE plotlot_store_bytes gauge\nplotlot_store_bytes 9000\n"
        "# TYPE plotlot_requests counter\nplotlot_requests_total 70\n"
    )
    assert waiting_in(text) == 5
