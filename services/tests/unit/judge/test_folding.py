"""A session counts once for a guardrail, by its first event."""

from datetime import UTC, datetime

from plotlot.judge.folding import Event, first_of_sessions

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(request: str, session: str, *guardrails: str) -> Event:
    return Event(request, session, NOW, NOW, "candidate", guardrails)


def test_the_first_event_of_a_session_counts_for_each_guardrail() -> None:
    events = [
        event("1", "a", "failure"),
        event("2", "a", "failure", "latency"),
        event("3", "b", "failure"),
        event("4", "a", "latency"),
    ]
    found = [(guardrail, one.request_id) for guardrail, one in first_of_sessions(events)]
    assert found == [("failure", "1"), ("latency", "2"), ("failure", "3")]


def test_requests_without_a_session_each_count() -> None:
    events = [event("1", "", "failure"), event("2", "", "failure")]
    assert len(first_of_sessions(events)) == 2
