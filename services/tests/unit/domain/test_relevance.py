from dataclasses import fields, replace

import pytest

from plotlot.domain.relevance import ANSWERS, ORDER, Signs, Support, precedence, relevance, support

PLAIN = Signs(coverage=0.5, placed=0.5, likeness=0.5, unseen=0.2)
WEAK = replace(PLAIN, coverage=0.1, placed=0.2, likeness=0.3)


def seen(
    *ranked: Signs, nearest: float = 0.5, words: int = 4, parted: bool = False, unnamed: bool = False
) -> Support:
    return support(ranked, [precedence(each) for each in ranked], nearest, words, parted, unnamed)


def test_every_sign_has_its_place_in_its_rule() -> None:
    assert set(ORDER) == {each.name for each in fields(Signs)}
    assert set(ANSWERS) == {each.name for each in fields(Support)}


def test_relevance_is_a_probability_that_grows_with_likeness_and_falls_with_what_is_unseen() -> None:
    plain = seen(PLAIN, WEAK)
    assert 0 < relevance(plain) < 1
    assert relevance(replace(plain, likeness=0.8)) > relevance(plain)
    assert relevance(replace(plain, unseen=0.8)) < relevance(plain)
    assert relevance(replace(plain, parted=1.0)) < relevance(plain)
    assert relevance(replace(plain, unnamed=1.0)) < relevance(plain)


def test_support_is_the_most_of_the_first_sentences_and_how_far_the_first_is_before_the_rest() -> None:
    alike, ahead = seen(PLAIN, PLAIN, WEAK), seen(PLAIN, WEAK, WEAK)
    assert alike.coverage == ahead.coverage == PLAIN.coverage
    assert ahead.lead > alike.lead > 0
    assert seen(WEAK, WEAK, WEAK, PLAIN).likeness == WEAK.likeness


def test_words_are_counted_up_to_a_most() -> None:
    assert seen(PLAIN, words=20).words == 1.0
    assert seen(PLAIN, words=2).words == pytest.approx(0.25)


def test_a_statement_comes_before_a_heading_and_before_one_about_another_district() -> None:
    assert precedence(PLAIN) > precedence(replace(PLAIN, heading=1.0))
    assert precedence(PLAIN) > precedence(replace(PLAIN, elsewhere=1.0))
