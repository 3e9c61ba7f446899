"""What is sent to inference, and what is shown of what it chose."""

from typing import Any

from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.gateway.asking.passages import columns_above, conflicts_among, passages_of, quoted, within_budget

TABLE = "Uses\n\nUse\tR-1\tR-2\nHouse\tP\tP\nInn\t\tP\n\nAn inn has six rooms."


def result(text: str, section: str = "Sec. 4.1 Uses", chunk: str = "c-1") -> retrieval_pb2.SearchResult:
    return retrieval_pb2.SearchResult(chunk=chunk, text=text, section=section, document="d", start=100)


def quote(text: str, start: int, section: str) -> dict[str, Any]:
    return {"quote": text, "document": "d", "start": start, "end": start + len(text), "section": section}


def test_passages_are_whole_and_within_the_budget() -> None:
    results = [result("x" * 400), result("y" * 400), result("z" * 100)]
    assert [len(each.text) for each in within_budget(results, 850)] == [400, 400]
    assert [len(each.text) for each in within_budget(results, 10)] == [400]
    assert within_budget([], 10) == []


def test_a_passage_says_where_it_stands() -> None:
    (passage,) = passages_of([result("A house.")])
    assert (passage.section, passage.text) == ("Sec. 4.1 Uses", "A house.")


def test_a_row_is_shown_with_the_head_of_its_table_and_prose_is_not() -> None:
    start = TABLE.index("Inn\t")
    shown = quoted(inference_pb2.Quote(passage="c-1", start=start, end=start + 6, score=0.7), result(TABLE))
    assert shown["columns"] == "Use\tR-1\tR-2"
    assert (shown["start"], shown["quote"]) == (100 + start, TABLE[start : start + 6])
    prose = TABLE.index("An inn")
    assert columns_above(TABLE, prose, len(TABLE)) == ""
    assert columns_above(TABLE, TABLE.index("Use\t"), TABLE.index("House")) == ""


def test_quotes_that_contradict_the_first_are_found_and_others_are_not() -> None:
    low = quote("A fence in a front yard shall not exceed three (3) feet in height.", 0, "Sec. 4 Fences")
    high = quote("The height of a fence in a front yard is limited to four (4) feet.", 500, "Sec. 9 Fences")
    shed = quote("A shed shall not exceed fifteen (15) feet in height.", 900, "Sec. 5 Sheds")
    (conflict,) = conflicts_among([low, high, shed])
    assert conflict["quotes"] == [low, high]
    assert conflicts_among([low, shed]) == []
    assert conflicts_among([low, low]) == []
