"""Jobs that stand still are told from those that go on, and from those that wait their turn."""

from plotlot.gateway.jobs.watch import OpenJob, Step, quiet_seconds, seen_now


def job(name: str, steps: int = 0, status: str = "running", age: float = 0.0) -> OpenJob:
    return OpenJob(name, "document", status, steps, age)


def test_a_job_is_quiet_from_its_last_step() -> None:
    seen = seen_now([job("a", 1)], {}, 100.0)
    seen = seen_now([job("a", 1)], seen, 130.0)
    assert quiet_seconds([job("a", 1)], seen, 130.0) == 30.0
    seen = seen_now([job("a", 2)], seen, 140.0)
    assert quiet_seconds([job("a", 2)], seen, 140.0) == 0.0


def test_a_job_without_a_step_is_quiet_since_it_was_asked_for() -> None:
    jobs = [job("a", 0, "queued", 75.0)]
    assert quiet_seconds(jobs, seen_now(jobs, {}, 100.0), 100.0) == 75.0


def test_what_waits_while_another_is_worked_on_is_not_stuck() -> None:
    jobs = [job("a", 5), job("b", 0, "queued", 600.0)]
    assert quiet_seconds(jobs, seen_now(jobs, {}, 100.0), 100.0) == 0.0


def test_what_is_over_is_forgotten_and_nothing_is_quiet_then() -> None:
    seen = seen_now([], {"a": Step(1, 10.0)}, 100.0)
    assert not seen
    assert quiet_seconds([], seen, 100.0) == 0.0
