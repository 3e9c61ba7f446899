"""Gold cases: which are ones, and how answers are scored against them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.delivery.gold_cases import GoldCase, cases_in
from plotlot.gateway.outcomes import Answered

TOWN = "Testford, OH"
HEIGHT = {"question": "How tall?", "municipality": TOWN, "values": [{"field": "max_height", "value": 35}]}
REPOSITORY = Path(__file__).resolve().parents[5]
LARKFIELD = REPOSITORY / "examples" / "larkfield" / "gold.jsonl"


def case(**given: Any) -> GoldCase:
    return GoldCase.model_validate({"municipality": TOWN, **given})


def told(**answer: Any) -> Answered:
    return Answered(0.1, answer={"refused": False, "quotes": [], "standards": [], **answer})


def stated(value: Any, field: str = "max_height") -> Answered:
    return told(standards=[{"field": "max_far", "value": 1.0}, {"field": field, "value": value}])


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        (stated(35.0), 1.0),
        (stated(35.17), 1.0),
        (stated(35.2), 0.0),
        (stated(35.0, "max_stories"), 0.0),
        (stated(None), 0.0),
        (stated("35"), 0.0),
        (told(), 0.0),
        (told(refused=True), 0.0),
        (Answered(0.1, "unknown-municipality"), 0.0),
    ],
)
def test_an_answer_agrees_where_it_states_the_known_value(answer: Answered, score: float) -> None:
    assert GoldCase.model_validate(HEIGHT).scores(answer) == {"agreement": score}


def test_every_known_value_is_needed() -> None:
    known = [{"field": "max_height", "value": 35}, {"field": "max_stories", "value": 2.5}]
    both = case(question="How tall?", values=known)
    assert both.scores(stated(35)) == {"agreement": 0.0}
    standards = [{"field": "max_height", "value": 35}, {"field": "max_stories", "value": 2.5}]
    assert both.scores(told(standards=standards)) == {"agreement": 1.0}


def test_one_of_the_words_stands_in_a_quote_in_whatever_case_and_spacing() -> None:
    known = case(question="How many?", words=["two spaces", "2 Spaces per dwelling"])
    assert known.scores(told(quotes=[{"quote": "at least 2\n  spaces per  dwelling unit"}])) == {
        "agreement": 1.0
    }
    assert known.scores(told(quotes=[{"quote": "2 spaces"}], answer="2 spaces per dwelling")) == {
        "agreement": 0.0
    }


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        (told(refused=True), 1.0),
        (Answered(0.1, "unknown-municipality"), 1.0),
        (told(quotes=[{"quote": "x"}]), 0.0),
    ],
)
def test_what_has_no_answer_is_to_be_refused(answer: Answered, score: float) -> None:
    assert case(question="Who is the mayor?", refused=True).scores(answer) == {"refusals": score}


def test_a_failure_has_no_score() -> None:
    assert case(question="x", refused=True).scores(Answered(0.1, "unavailable", failed=True)) == {}


def analysis(verdict: str, low: int | None, high: int | None) -> Answered:
    return Answered(0.1, answer={"verdict": verdict, "yield": {"units_low": low, "units_high": high}})


def test_an_analysis_is_scored_by_its_units_and_its_verdict() -> None:
    known = case(address="12 Elm", verdict="buildable", units_low=1, units_high=2)
    assert known.scores(analysis("buildable", 1, 2)) == {"agreement": 1.0}
    assert known.scores(analysis("buildable", 1, 3)) == {"agreement": 0.0}
    assert known.scores(analysis("not_buildable", 1, 2)) == {"agreement": 0.0}
    assert known.scores(analysis("unknown", None, None)) == {"agreement": 0.0}
    nowhere = case(address="999 Nowhere", refused=True)
    assert nowhere.scores(Answered(0.1, "unknown-address")) == {"refusals": 1.0}
    assert nowhere.scores(analysis("unknown", None, None)) == {"refusals": 1.0}
    assert nowhere.scores(analysis("buildable", 1, 1)) == {"refusals": 0.0}


def test_a_case_is_asked_as_users_ask() -> None:
    asking = case(question="How tall?", refused=True).inquiry
    assert (asking.method, asking.path) == ("POST", "/v1/ask")
    assert asking.body == {"question": "How tall?", "municipality": TOWN}
    lot = case(parcel_id="p-1", verdict="buildable").inquiry
    assert lot.body == {"address": "", "parcel_id": "p-1", "municipality": TOWN}


def test_the_id_is_of_the_content_however_it_was_written() -> None:
    same = {**HEIGHT, "refused": False, "words": [], "values": [{"value": 35.0, "field": "max_height"}]}
    (first,) = cases_in(json.dumps(HEIGHT).encode())
    (second,) = cases_in(json.dumps([same]).encode())
    assert first.id == second.id
    assert first.id != case(question="How tall?", refused=True).id


def test_a_file_may_begin_with_the_mark_that_some_editors_write() -> None:
    for content in (json.dumps(HEIGHT), json.dumps([HEIGHT])):
        (found,) = cases_in(content.encode("utf-8-sig"))
        assert found == GoldCase.model_validate(HEIGHT)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "1 to 20,000 gold cases, not 0"),
        (b"[]", "1 to 20,000 gold cases, not 0"),
        (b"\xff", "not text in UTF-8"),
        (b"[1", "not JSON"),
        (b'{"question": "x", "refused": true}\n{', "line 2 is not JSON"),
        (b'{"question": "x", "refused": true}\n\n7', "line 3"),
        (b'[{"question": "x", "refused": true}, {"question": "x"}]', "case 2: say what is known"),
        (b'{"question": "x", "refused": true, "words": ["y"]}', "not both"),
        (b'{"question": "x", "verdict": "buildable"}', "say what is known"),
        (b'{"address": "x", "words": ["y"]}', "say what is known"),
        (b'{"question": "x", "address": "y", "refused": true}', "only one of them"),
        (b'{"refused": true}', "only one of them"),
        (b'{"question": "x", "values": [{"field": "hight", "value": 1}]}', "no field 'hight'"),
        (b'{"question": "x", "values": [{"field": "max_height", "value": "tall"}]}', "values.0.value"),
        (b'{"question": "x", "refused": true, "towm": "y"}', "towm"),
        (b'{"question": "\\u0000", "refused": true}', "characters that no text has"),
        (b'{"question": "x", "words": ["\\u0000"]}', "words.0: it holds characters that no text has"),
        (b'{"question": "x", "words": ["y", "\\ud800"]}', "words.1: it holds characters that no text has"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"question": ' + b"[" * 100_000, "line 1 is not JSON of a gold case: it is nested too deeply"),
        (b'{"address": "x", "units_low": 5, "units_high": 2}', "units_low is at most units_high"),
        (b'{"address": "x", "units_low": -1}', "units_low"),
        (b'{"address": "x", "units_high": -1}', "units_high"),
        (
            b'{"question": "x", "values": [{"field": "max_height", "value": ' + b"9" * 400 + b"}]}",
            "values.0.value",
        ),
        (b'{"question": "x", "\\ud800": 1, "refused": true}', "unable to parse"),
    ],
)
def test_what_is_no_case_is_refused_by_its_place(content: bytes, words: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        cases_in(content)
    assert words in raised.value.message


def test_the_cases_of_the_documentation_are_ones() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", (REPOSITORY / "docs" / "shadow.md").read_text(), re.DOTALL)
    assert len(cases_in(shown.encode())) == 4


def test_the_examples_cases_are_many_and_of_both_kinds() -> None:
    cases = cases_in(LARKFIELD.read_bytes())
    assert len({found.id for found in cases}) == len(cases)
    assert sum(not found.refused for found in cases) >= 40
    assert sum(found.refused for found in cases) >= 25
