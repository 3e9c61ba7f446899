import pytest
from scenarios import climbs, length_of, mix_of, phase_of, scenario_of, scenarios, thinks, users_at


def test_every_scenario_asks_for_requests_that_are_known() -> None:
    assert {"steady", "constant", "spike", "soak", "ramp"} <= set(scenarios())
    for name, scenario in scenarios().items():
        assert all({"method", "path", "expect"} <= set(each) for each in mix_of(scenario)), name


def test_rates_and_a_length_take_the_place_of_one_stage() -> None:
    assert scenario_of("constant", rate=7, seconds=3)["stages"] == [{"rate": 7, "seconds": 3}]
    assert scenario_of("ramp", to=9)["stages"][0]["to"] == 9
    with pytest.raises(ValueError, match="'spike' has several"):
        scenario_of("spike", rate=1)


def test_as_many_users_as_ask_at_the_rate_with_their_pauses() -> None:
    thinking = {"think_seconds": [1, 5], "stages": [{"seconds": 10, "rate": 20}, {"seconds": 10, "rate": 40}]}
    assert thinks(thinking)
    assert [users_at(thinking, passed) for passed in (0, 9.9, 10, 20)] == [60, 60, 120, None]
    climbing = {"think_seconds": [0, 0], "stages": [{"seconds": 10, "rate": 10, "to": 30}]}
    assert climbs(climbing)
    assert [users_at(climbing, passed) for passed in (0, 5, 9.999)] == [10, 20, 30]
    assert length_of(thinking) == 20


def test_users_of_a_constant_rate_ask_evenly() -> None:
    constant = {"think_seconds": [0, 0], "stages": [{"seconds": 10, "rate": 8}]}
    assert sorted(phase_of(constant, number) for number in range(8)) == [each / 8 for each in range(8)]


def test_users_who_come_and_go_leave_no_great_gap() -> None:
    climbing = {"think_seconds": [0, 0], "stages": [{"seconds": 10, "rate": 8, "to": 90}]}
    phases = sorted(phase_of(climbing, number) for number in range(50))
    gaps = [after - before for before, after in zip(phases, [*phases[1:], 1 + phases[0]], strict=True)]
    assert max(gaps) < 2.7 / 50
