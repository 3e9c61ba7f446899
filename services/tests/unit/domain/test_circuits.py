"""A replica that fails is left alone, tried once, and left alone for longer."""

from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.circuits import FAILURES, LONGEST_REST_SECONDS, REST_SECONDS, Circuit, CircuitState


def opened(at: float = 0.0) -> Circuit:
    circuit = Circuit()
    for _ in range(FAILURES):
        circuit = circuit.failed(at)
    return circuit


def test_failures_in_a_row_open_it_and_one_success_between_them_does_not() -> None:
    circuit = Circuit()
    for _ in range(FAILURES - 1):
        circuit = circuit.failed(0.0)
    assert circuit.admits(0.0)
    assert not circuit.failed(0.0).admits(0.0)
    assert circuit.succeeded().failed(0.0).admits(0.0)


def test_after_a_rest_one_request_may_try() -> None:
    circuit = opened()
    assert not circuit.admits(REST_SECONDS / 2)
    assert circuit.state(REST_SECONDS) is CircuitState.HALF_OPEN
    trying = circuit.tried(REST_SECONDS)
    assert not trying.admits(REST_SECONDS)
    assert trying.succeeded().state(REST_SECONDS) is CircuitState.CLOSED
    assert trying.left().admits(REST_SECONDS), "its caller left, so another may try"


def test_a_trial_that_fails_rests_it_twice_as_long() -> None:
    again = opened().tried(REST_SECONDS).failed(REST_SECONDS)
    assert not again.admits(REST_SECONDS + 2 * REST_SECONDS - 0.01)
    assert again.admits(REST_SECONDS + 2 * REST_SECONDS)


def test_failures_of_requests_that_began_before_do_not_lengthen_its_rest() -> None:
    circuit = opened()
    assert circuit.failed(0.5).failed(0.6) == circuit


def test_one_that_answers_again_may_be_tried_at_once() -> None:
    assert opened().rested(0.1).admits(0.1)


@given(st.lists(st.sampled_from(["tried", "failed", "succeeded", "left", "opened", "rested"]), max_size=60))
def test_it_never_rests_for_ever(events: list[str]) -> None:
    circuit, now = Circuit(), 0.0
    for event in events:
        now += 0.1
        needs_time = event not in ("succeeded", "left")
        circuit = getattr(circuit, event)(*([now] if needs_time else []))
        if event == "left":
            assert circuit.admits(now + LONGEST_REST_SECONDS)
    assert circuit.trying or circuit.admits(now + LONGEST_REST_SECONDS)
