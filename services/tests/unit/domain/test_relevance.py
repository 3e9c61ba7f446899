from dataclasses import asdict, fields, replace

from plotlot.domain.relevance import WEIGHTS, Signs, relevance

PLAIN = Signs(coverage=0.5, placed=0.5, likeness=0.5, unseen=0.2)


def test_every_sign_has_a_weight() -> None:
    assert set(WEIGHTS) == {each.name for each in fields(Signs)} == set(asdict(PLAIN))


def test_relevance_is_a_probability_that_grows_with_likeness_and_falls_with_what_is_unseen() -> None:
    assert 0 < relevance(PLAIN) < 1
    assert relevance(replace(PLAIN, likeness=0.8)) > relevance(PLAIN)
    assert relevance(replace(PLAIN, unseen=0.8)) < relevance(PLAIN)
    assert relevance(replace(PLAIN, heading=1.0)) < relevance(PLAIN)
