"""JSON exports of any shape: headings, bodies, ancestors and dates."""

import json
from typing import Any

import pytest

from plotlot.domain.documents import Document
from plotlot.ingestion.parsers import parse_document

AREA = "The minimum lot area is 9,000 square feet."


def read(value: Any) -> Document:
    return parse_document("export.json", json.dumps(value).encode())


def paths(document: Document) -> list[str]:
    return [document.section_path(section.ordinal) for section in document.sections[1:]]


@pytest.mark.parametrize(
    "value",
    [
        [{"title": "Sec. 1 - Lots.", "full_text": AREA}],
        {
            "meta": {"id": 3},
            "data": {"sections": [{"heading": "Sec. 1 - Lots.", "text": AREA, "url": "http://x.y/z"}]},
        },
        {"nodes": [{"number": "Sec. 1", "name": "Lots", "content": {"html": f"<p>{AREA}</p>"}}]},
        {"a": {"Title": "Sec. 1 - Lots.", "Body": AREA, "excerpt": "The minimum"}},
    ],
)
def test_headings_and_texts_are_found_whatever_the_keys(value: Any) -> None:
    document = read(value)
    assert paths(document) == ["Sec. 1 Lots"]
    assert document.text.count("The minimum") == 1
    assert document.section_at(document.text.index(AREA)).label == "Sec. 1"


def test_children_and_listed_ancestors_stand_above() -> None:
    nested = {"title": "Chapter 5", "children": [{"title": "Sec. 5-1. Yards", "text": AREA}]}
    listed = [
        {"title": f"Sec. 5-{n}. Yards", "text": AREA, "metadata": {"breadcrumb": ["Chapter 5", "Article II"]}}
        for n in (1, 2)
    ]
    assert paths(read(nested)) == ["Chapter 5", "Chapter 5 > Sec. 5-1 Yards"]
    assert paths(read(listed)) == [
        "Chapter 5",
        "Chapter 5 > Article II",
        "Chapter 5 > Article II > Sec. 5-1 Yards",
        "Chapter 5 > Article II > Sec. 5-2 Yards",
    ]


def test_tables_inside_html_bodies_are_tables() -> None:
    body = "<p>As follows:</p><table><tr><th>District</th><th>Area</th></tr><tr><td>R-1</td><td>9,000</td></tr></table>"
    document = read([{"title": "Sec. 1", "html": body}])
    assert [document.cell_text(cell) for cell in document.tables[0].cells] == [
        "District",
        "Area",
        "R-1",
        "9,000",
    ]


def test_layout_tables_inside_text_bodies_are_tables() -> None:
    rows = "".join(f"R-{n}          9,00{n}        2{n}        3{n}\n" for n in range(1, 6))
    document = read([{"title": "Sec. 1", "text": f"DISTRICT     AREA         FRONT     REAR\n{rows}"}])
    assert len(document.tables) == 1
    assert document.cell_text(document.tables[0].cells[0]).startswith("DISTRICT")


def test_the_latest_date_of_the_entries_is_the_documents() -> None:
    entries = [
        {"title": f"Sec. {n}", "text": AREA, "effective_date": d}
        for n, d in ((1, "2024-01-05"), (2, "0001-01-01"))
    ]
    assert read(entries).effective_date == "2024-01-05"


def test_chunks_of_an_export_with_node_ids_nest_by_their_depth() -> None:
    def node(identifier: str, title: str, depth: int, content: str | None) -> dict[str, Any]:
        return {
            "Id": identifier,
            "Title": title,
            "TitleHtml": f'<div class="chunk-title">{title}</div>',
            "Content": content,
            "NodeDepth": depth,
            "Notes": [],
            "Footnotes": None,
            "ChunkGroupStartingNodeId": "CH30",
        }

    yards = (
        '<div class="chunk-content"><p class="incr0">(a)</p><p class="content1">The front yard is 30 feet.</p>'
        '<p class="historynote0">(Ord. No. 2022-14, &sect; 2, 6-1-2022)</p></div>'
    )
    document = read(
        {
            "Docs": [
                node("CH30", "Chapter 30 - LAND", 0, "<p>Of land.</p>"),
                node("CH30_ARTII", "ARTICLE II. - DIMENSIONS", 1, None),
                node("CH30_ARTII_S30-21YA", "Sec. 30-21. - Yards.", 2, yards),
                node("CH30_ARTIII", "ARTICLE III. - SIGNS", 1, "<p>Signs are small.</p>"),
            ]
        }
    )
    article = "Chapter 30 LAND > ARTICLE II DIMENSIONS"
    assert paths(document) == [
        "Chapter 30 LAND",
        article,
        f"{article} > Sec. 30-21 Yards",
        f"{article} > Sec. 30-21 Yards > (a)",
        "Chapter 30 LAND > ARTICLE III SIGNS",
    ]
    assert "(a) The front yard is 30 feet." in document.text
    assert "ARTII_S30" not in document.text
    assert [section.anchor for section in document.sections] == [
        *("", "CH30", "CH30_ARTII", "CH30_ARTII_S30-21YA", ""),
        "CH30_ARTIII",
    ]


@pytest.mark.parametrize(
    ("told", "anchor"),
    [
        ("https://library.municode.com/qx/a/codes/c?nodeId=S1", "https://library.municode.com/qx/a/codes/c?nodeId=S1"),
        ("http://library.municode.com/qx", "S1"),
        ("https://library.municode.com.evil.example/qx", "S1"),
        ("https://name:word@library.municode.com/qx", "S1"),
        ("https://library.municode.com:8443/qx", "S1"),
        ("https://library.municode.com/a b", "S1"),
        ("javascript:alert(1)", "S1"),
        ("https://[broken", "S1"),
    ],
)  # fmt: skip
def test_an_entry_leads_to_its_publisher_and_to_nobody_else(told: str, anchor: str) -> None:
    document = read([{"title": "Sec. 1 Yards", "text": AREA, "url": told, "id": "S1"}])
    assert document.sections[1].anchor == anchor
