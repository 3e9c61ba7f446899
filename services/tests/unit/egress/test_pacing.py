from plotlot.egress.pacing import BURST, Pacing


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_burst_then_so_many_a_second() -> None:
    clock = Clock()
    pacing = Pacing(2.0, clock)
    waits = [pacing.wait("host", 0, 60)[0] for _ in range(7)]
    assert waits == [0, 0, 0, 0, 0.5, 1.0, 1.5]
    assert pacing.wait("another", 0, 60) == (0, True)
    clock.at += 60
    assert [pacing.wait("host", 0, 60)[0] for _ in range(5)] == [0] * int(BURST) + [0.5]


def test_what_the_host_asks_for_is_kept_to() -> None:
    pacing = Pacing(2.0, Clock())
    assert [pacing.wait("host", 3.0, 60)[0] for _ in range(3)] == [0, 3, 6]


def test_who_would_wait_too_long_takes_no_place() -> None:
    clock = Clock()
    pacing = Pacing(1.0, clock)
    pacing.leave_alone("host", 30)
    assert pacing.wait("host", 0, 10) == (30, False)
    clock.at += 25
    assert pacing.wait("host", 0, 10) == (5, True)
