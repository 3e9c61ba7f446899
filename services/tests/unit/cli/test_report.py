"""A report and an answer in a terminal."""

from typing import Any

import pytest
from fake_gateway import ADDRESS, TOWN, KeptAnalyses, TownClients, square

from plotlot.cli.report import print_analysis, print_answer
from plotlot.domain.parcels import Parcel
from plotlot.gateway.analysis import Analyst
from plotlot.gateway.inquiries import Question
from plotlot.gateway.web.events import last
from plotlot.telemetry import Metrics


async def printed(capsys: pytest.CaptureFixture[str], parcel: Parcel | None = None) -> str:
    clients: Any = TownClients({"asked": parcel} if parcel else None)
    kept: Any = KeptAnalyses()
    analyst = Analyst(clients, kept, "bundle-test", Metrics())
    print_analysis(await last(analyst.analyze(Question(address="asked" if parcel else ADDRESS))))
    return " ".join(capsys.readouterr().out.split())


async def test_the_answer_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    text = await printed(capsys)
    order = [ADDRESS, "2 units", "What decides: Lot area per unit", "One more unit needs",
             "“The minimum width of a lot is fifty (50) feet.”", "Not stated in the code", "bundle-test"]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)


async def test_markup_in_names_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = await printed(capsys, Parcel("p-9", TOWN, "[bold]7[/bold] Elm [link=x]", "R-2", square()))
    assert "[bold]7[/bold] Elm [link=x]" in text


async def test_a_lot_without_a_boundary_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    text = await printed(capsys, Parcel("p-3", TOWN, "9 Elm", "R-2", None, None, {"lot_area_sqft": "9000"}))
    assert "no envelope was drawn" in text


def test_a_refusal_is_printed_without_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer({"refused": True, "answer": "The code does not say.", "quotes": []})
    assert capsys.readouterr().out.strip() == "The code does not say."


def test_an_answer_is_printed_with_its_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    quote = {"quote": "six [6] feet", "section": "Sec. 4.3", "document": "doc-1", "page": 7}
    print_answer({"refused": False, "answer": "Six feet.", "quotes": [quote]})
    text = " ".join(capsys.readouterr().out.split())
    assert "“six [6] feet” Sec. 4.3, page 7" in text
    dated = {**quote, "effective_date": "2024-03-01", "retrieved_at": "2026-01-05T10:00:00+00:00"}
    print_answer({"refused": False, "answer": "Six feet.", "quotes": [dated]})
    text = " ".join(capsys.readouterr().out.split())
    assert "Sec. 4.3, page 7. In force from March 1, 2024; retrieved January 5, 2026" in text


def test_a_refusal_is_printed_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer({"refused": True, "reason": "no_zoning", "answer": "There are no districts.", "quotes": []})
    assert "reason: no_zoning" in capsys.readouterr().out


def test_conflicts_and_what_was_not_found_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    conflict = {"about": "Front setback in R-6", "values": ["20 ft", "25 ft"], "quotes": []}
    missing = {"about": "maximum floor area ratio in R-6", "reason": "not_stated"}
    row = {"quote": "Inn  P", "columns": "Use  R-6", "section": "Sec. 4", "document": "d", "page": None}
    print_answer(
        {
            "refused": False,
            "answer": "20 ft or 25 ft",
            "quotes": [row],
            "conflicts": [conflict],
            "not_found": [missing],
        }
    )
    text = " ".join(capsys.readouterr().out.split())
    assert "contradicts itself on Front setback in R-6: 20 ft or 25 ft" in text
    assert "Not found: maximum floor area ratio in R-6 (not_stated)" in text
    assert text.index("Use R-6") < text.index("Inn P")
