from dataclasses import fields, replace

from plotlot.domain.relevance import ANSWERS, ORDER, Signs, precedence, relevance

PLAIN = Signs(coverage=0.5, placed=0.5, likeness=0.5, unseen=0.2)


def test_every_sign_has_its_place_in_the_order() -> None:
    assert set(ORDER) == {each.name for each in fields(Signs)}
    assert set(ANSWERS) < set(ORDER)


def test_relevance_is_a_probability_that_grows_with_likeness_and_falls_with_what_is_unseen() -> None:
    assert 0 < relevance(PLAIN) < 1
    assert relevance(replace(PLAIN, likeness=0.8)) > relevance(PLAIN)
    assert relevance(replace(PLAIN, unseen=0.8)) < relevance(PLAIN)


def test_a_statement_comes_before_a_heading_and_before_one_about_another_district() -> None:
    assert precedence(PLAIN) > precedence(replace(PLAIN, heading=1.0))
    assert precedence(PLAIN) > precedence(replace(PLAIN, elsewhere=1.0))
