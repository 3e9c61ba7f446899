"""The scenarios and requests that the Go kit reads too, as locust's users need them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
GOLDEN = 0.618034  # steps of it spread over a circle evenly, however many there are
PERIOD_SECONDS = 1.0  # users who do not think ask once in so long


def scenarios() -> dict[str, dict[str, Any]]:
    """Every scenario by its name."""
    read: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "scenarios.yaml").read_text())
    return read


def mix_of(scenario: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The requests of a scenario's mix, each as often as it is weighed. Raises KeyError for one that is not known."""
    known = yaml.safe_load((HERE / "requests.yaml").read_text())
    return [known[name] | {"name": name} for name, times in scenario["mix"].items() for _ in range(times)]


def scenario_of(name: str, rate: float = 0, seconds: float = 0, to: float = 0) -> dict[str, Any]:
    """A scenario, with rates and a length of the caller's in the place of its own where it has one stage.

    Raises ValueError where it has several, and KeyError where there is none of that name.
    """
    scenario = dict(scenarios()[name])
    if not (rate or seconds or to):
        return scenario
    if len(scenario["stages"]) != 1:
        raise ValueError(f"a rate and a length are for scenarios of one stage, and {name!r} has several")
    given = {"rate": rate, "seconds": seconds, "to": to}
    return scenario | {"stages": [scenario["stages"][0] | {key: each for key, each in given.items() if each}]}


def length_of(scenario: Mapping[str, Any]) -> float:
    """Seconds during which requests come."""
    return float(sum(stage["seconds"] for stage in scenario["stages"]))


def climbs(scenario: Mapping[str, Any]) -> bool:
    """Whether a stage goes to a higher rate, so that a knee can be looked for."""
    return any(stage.get("to", stage["rate"]) > stage["rate"] for stage in scenario["stages"])


def is_constant(scenario: Mapping[str, Any]) -> bool:
    """Whether it has one rate from the beginning to the end."""
    return len(scenario["stages"]) == 1 and not climbs(scenario)


def thinks(scenario: Mapping[str, Any]) -> bool:
    """Whether its users wait for their answer and think; the others ask when it is time, whatever becomes of it."""
    return max(scenario["think_seconds"]) > 0


def users_at(scenario: Mapping[str, Any], passed: float) -> int | None:
    """As many users as arrive at the scenario's rate when answers are quick; None once it is over."""
    pause = sum(scenario["think_seconds"]) / 2 if thinks(scenario) else PERIOD_SECONDS
    for stage in scenario["stages"]:
        if passed < stage["seconds"]:
            climbed = (stage.get("to", stage["rate"]) - stage["rate"]) * passed / stage["seconds"]
            return max(round((stage["rate"] + climbed) * pause), 1)
        passed -= stage["seconds"]
    return None


def phase_of(scenario: Mapping[str, Any], number: int) -> float:
    """When in each period the user of that number asks: together they ask evenly, as the Go kit sends.

    Of a constant rate the steps are all alike; of others, whose users come and go, by the golden ratio.
    """
    if is_constant(scenario):
        return number / (users_at(scenario, 0) or 1) % 1 * PERIOD_SECONDS
    return number * GOLDEN % 1 * PERIOD_SECONDS
