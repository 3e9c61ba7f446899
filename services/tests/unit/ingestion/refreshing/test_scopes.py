"""What refreshes are called: the same towns are the same refresh."""

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.ingestion.refreshing.refreshes import Scope


def test_two_ways_to_say_the_same_are_the_same() -> None:
    assert Scope(state="fl").words() == Scope(state="FL").words()
    one, other = Scope(towns=("Miami, FL", "Doral, FL")), Scope(towns=("doral, fl", "MIAMI, FL", "Doral, FL"))
    assert one.words() == other.words()


def test_what_is_not_the_same_has_other_words() -> None:
    scopes = [
        Scope(failed=True),
        Scope(state="FL"),
        Scope(state="FL", county="Broward"),
        Scope(towns=("Miami, FL",)),
        Scope(towns=("Miami, FL",), accepted=True),
    ]
    assert len({scope.words() for scope in scopes}) == len(scopes)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(county="Broward"),
        Scope(state="FL", failed=True),
        Scope(towns=("Miami, FL",), failed=True),
        Scope(county="Broward", failed=True),
    ],
)
def test_nobody_guesses_what_is_meant(scope: Scope) -> None:
    with pytest.raises(InvalidRequest):
        scope.words()
