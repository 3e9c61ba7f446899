"""Readings of several engines: what they agree on, what one alone read, what they dispute."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.standards import FIELD_UNITS, FIELDS, Citation, Formula, Standard, Status, not_stated
from plotlot.extraction.ensemble import Read, merged

FRONT, REAR = "front_setback", "rear_setback"


def standard(
    value: float | None, field: str = FRONT, confidence: float = 0.9, start: int = 0, **conditions: str
) -> Standard:
    """A standard with a quote of ten characters at a place of its own."""
    cited = Citation("doc", "sha", "Sec. 1", None, start, start + 10, f"{value} quoted")
    return Standard(field, Status.STATED, value, FIELD_UNITS[field], cited, "x", confidence, conditions)


def shown(*readings: Read, field: str = FRONT) -> list[Standard]:
    """What is shown of a field."""
    return [one for one in merged(readings) if one.field == field]


def rules(*standards: Standard) -> Read:
    return Read("reader/1", standards)


def model(*standards: Standard) -> Read:
    return Read("model/1", standards)


def test_what_two_read_alike_is_surer_and_keeps_the_quote_of_the_first() -> None:
    (one,) = shown(rules(standard(25, start=5)), model(standard(25, confidence=0.8, start=500)))
    assert (one.status, one.value, one.engine) == (Status.STATED, 25, "reader/1+model/1")
    assert one.confidence > 0.9
    assert one.citation is not None
    assert one.citation.start == 5


@pytest.mark.parametrize("first", [True, False])
def test_what_one_alone_read_is_kept_with_less_confidence(first: bool) -> None:
    readings = (rules(standard(25)), model()) if first else (rules(), model(standard(25)))
    (one,) = shown(*readings)
    assert (one.status, one.value) == (Status.STATED, 25)
    assert one.confidence < 0.9
    assert one.engine == ("reader/1" if first else "model/1")


def test_a_contradiction_shows_both_quotes() -> None:
    found = shown(rules(standard(25)), model(standard(30, start=500)))
    assert {(one.status, one.value) for one in found} == {(Status.CONFLICTING, 25), (Status.CONFLICTING, 30)}
    assert {one.citation.start for one in found if one.citation} == {0, 500}
    assert all("25 ft (reader/1), 30 ft (model/1)" in one.note for one in found)
    assert all(one.confidence < 0.9 for one in found)


def test_two_readings_of_the_same_words_are_no_contradiction_of_the_code() -> None:
    """The surer is shown, with less confidence, and what the other made of it is said."""
    (one,) = shown(rules(standard(25, start=5)), model(standard(30, confidence=0.8, start=9)))
    assert (one.status, one.value) == (Status.STATED, 25)
    assert one.confidence < 0.7
    assert "30 ft (model/1)" in one.note


def test_the_much_surer_is_shown_alone() -> None:
    (one,) = shown(rules(standard(25, confidence=0.5)), model(standard(30, confidence=0.95, start=500)))
    assert (one.status, one.value) == (Status.STATED, 30)


def test_two_outvote_one() -> None:
    learned = Read("learned/1", [standard(30, start=300)], {FRONT: 0.5})
    (one,) = shown(rules(standard(25, confidence=0.95)), learned, model(standard(30, start=500)))
    assert (one.status, one.value, one.engine) == (Status.STATED, 30, "learned/1+model/1")


def test_a_contradiction_that_one_found_stands_whatever_the_other_overlooked() -> None:
    note = "the code states more than one value: 25 ft, 30 ft"
    both = [
        replace(standard(value, start=start), status=Status.CONFLICTING, note=note)
        for value, start in ((25, 0), (30, 500))
    ]
    found = shown(rules(*both), model())
    assert [(one.status, one.note) for one in found] == [(Status.CONFLICTING, note)] * 2


def test_other_conditions_are_another_case() -> None:
    found = shown(rules(standard(25)), model(standard(30, start=500, lot="corner")))
    assert [(one.value, one.status) for one in found] == [(25, Status.STATED), (30, Status.STATED)]
    assert [dict(one.conditions) for one in found] == [{}, {"lot": "corner"}]


def test_the_same_value_with_more_conditions_is_the_same() -> None:
    (one,) = shown(rules(standard(25, use="one_family")), model(standard(25, start=500)))
    assert dict(one.conditions) == {"use": "one_family"}
    assert one.engine == "reader/1+model/1"


def test_a_learned_reader_has_a_say_only_where_it_joins_and_is_sure_enough() -> None:
    read = [standard(30, start=300, confidence=0.7), standard(40, REAR, start=600)]
    silent = Read("learned/1", read, {REAR: 0.5})
    assert [one.value for one in shown(rules(standard(25)), silent)] == [25]
    assert shown(rules(standard(25)), silent)[0].confidence == 0.9  # nobody else looked
    assert [one.value for one in shown(rules(), silent, field=REAR)] == [40]
    unsure = Read("learned/1", read, {FRONT: 0.8})
    assert [one.value for one in shown(rules(standard(25)), unsure)] == [25]


def test_formulas_and_what_is_delegated_are_compared_too() -> None:
    share = replace(standard(None), formula=Formula(20, "lot_depth"))
    (one,) = shown(rules(share), model(replace(share, confidence=0.8)))
    assert one.engine == "reader/1+model/1"
    elsewhere = replace(standard(None), status=Status.DELEGATED)
    assert len(shown(rules(elsewhere), model(standard(25, start=500)))) == 2


VALUES = st.lists(
    st.builds(
        standard,
        st.sampled_from([25.0, 30.0]),
        st.sampled_from([FRONT, REAR]),
        st.sampled_from([0.5, 0.9]),
        st.integers(0, 50),
    ),
    max_size=4,
)


@given(VALUES, VALUES)
def test_every_field_is_there_and_every_quote_is_one_that_an_engine_brought(
    left: list[Standard], right: list[Standard]
) -> None:
    found = merged([rules(*left), model(*right)])
    assert {one.field for one in found} == set(FIELDS)
    assert [FIELDS.index(one.field) for one in found] == sorted(FIELDS.index(one.field) for one in found)
    brought = {(one.field, one.value, one.citation) for one in (*left, *right)}
    for one in found:
        if one.status is Status.NOT_STATED:
            assert one == not_stated(one.field, "ensemble/1")
        else:
            assert (one.field, one.value, one.citation) in brought
            assert 0 < one.confidence <= 0.99
    for name in (FRONT, REAR):
        stated = [one for one in found if one.field == name and one.value is not None]
        assert len(stated) < 2 or all(one.status is Status.CONFLICTING for one in stated)
