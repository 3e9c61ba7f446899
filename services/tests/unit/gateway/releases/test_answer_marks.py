"""What differs between two answers."""

from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.outcomes import LONGEST_TEXT
from plotlot.gateway.releases.answer_marks import Marked, differing, marked


def text(parts: Marked, differs: bool | None = None) -> str:
    return "".join(piece for piece, is_marked in parts if differs in (None, is_marked))


def test_only_the_words_that_differ_are_marked() -> None:
    stable, candidate = marked("The rear yard is 20 feet deep.", "The rear yard is 12 feet deep.")
    assert text(stable, True) == "20"
    assert text(candidate, True) == "12"


def test_equal_answers_have_no_marks() -> None:
    for parts in marked("No more than 35 feet.", "No more than 35 feet."):
        assert text(parts, True) == ""


def test_an_answer_beside_none_is_marked_whole() -> None:
    stable, candidate = marked("All of it", "")
    assert text(stable, True) == "All of it"
    assert candidate == ()


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_character_is_lost(before: str, after: str) -> None:
    stable, candidate = marked(before, after)
    assert (text(stable), text(candidate)) == (before, after)


def test_long_answers_are_cut() -> None:
    stable, _ = marked("a " * LONGEST_TEXT, "b")
    assert len(text(stable)) == LONGEST_TEXT


def test_figures_that_differ_are_found_and_small_changes_of_time_are_not() -> None:
    stable = {"scores": {"citations": 1.0}, "failed": False, "status": "200", "seconds": 1.0, "cost": 900.0}
    assert differing(stable, {**stable, "seconds": 1.2, "cost": 1000.0}) == set()
    assert differing(stable, {**stable, "seconds": 3.0, "status": "503"}) == {"seconds", "status"}
    assert differing({**stable, "seconds": 3.0}, stable) == {"seconds"}
    assert differing(stable, {**stable, "scores": {"citations": 0.5, "refusals": 1.0}}) == {
        "citations",
        "refusals",
    }
