"""Headings are told from contents, citations, page headers and rows of numbers."""

import pytest

from plotlot.domain.documents import Document
from plotlot.ingestion.parsers import parse_document

BODY = "The standards of this part apply to every lot in the town.\n"


def read(text: str) -> Document:
    return parse_document("code.txt", text.encode())


def titles(document: Document) -> list[str]:
    return [section.title for section in document.sections[1:] if section.kind != "subsection"]


def path_of(document: Document, words: str) -> str:
    return document.section_path(document.section_at(document.text.index(words)).ordinal)


@pytest.mark.parametrize(
    ("line", "kind", "label", "heading"),
    [
        ("ARTICLE IV. - R-9 ONE-FAMILY DISTRICT", "article", "ARTICLE IV", "R-9 ONE-FAMILY DISTRICT"),
        ("Chapter 22A - STORMWATER[1]", "chapter", "Chapter 22A", "STORMWATER"),
        ("DIVISION 5. - LOW DENSITY (R-30)", "division", "DIVISION 5", "LOW DENSITY (R-30)"),
        ("PART II - LAND USE", "part", "PART II", "LAND USE"),
        ("APPENDIX A - ZONING", "chapter", "APPENDIX A", "ZONING"),
        ("Sec. 20-402. - R-1 zone.", "section", "Sec. 20-402", "R-1 zone"),
        ("SECTION 601: MULTI-FAMILY 1 (M-F1)", "section", "SECTION 601", "MULTI-FAMILY 1 (M-F1)"),
        (
            "Section 3.03 Conversions and Changes of Use",
            "section",
            "Section 3.03",
            "Conversions and Changes of Use",
        ),
        ("§ 273-1 Title.", "section", "§ 273-1", "Title"),
        ("SECTION 303      THREE ACRE - 3 Acres", "section", "SECTION 303", "THREE ACRE - 3 Acres"),
        ("Sec. 4. Purpose. The purpose of this part is to guide growth.", "section", "Sec. 4", "Purpose"),
    ],
)
def test_a_line_is_read_as_a_heading(line: str, kind: str, label: str, heading: str) -> None:
    section = read(f"{line}\n\n{BODY}").sections[1]
    assert (section.kind, section.label, section.heading) == (kind, label, heading)


@pytest.mark.parametrize(
    "text",
    [
        "The board shall decide within the time that is set in\nSection 4412 of the Act, as it may be amended.\n",
        "A lot shall meet the standards that are laid down by\nArticle V of this ordinance and by the plan.\n",
        "Section 5.06(D) governs such lots.\n",
        "2.5 spaces per dwelling unit are required.\n",
        "1.5 Feet\n",
        "part of a lot is not a lot.\n",
        "Table 3.1 Dimensions by District\n",
    ],
)
def test_a_citation_or_a_number_is_no_heading(text: str) -> None:
    assert titles(read(BODY + "\n" + text)) == []


def test_sections_nest_in_articles_and_decimals_in_sections() -> None:
    text = (
        "ARTICLE 5 ZONES\n\n5.3 Suburban Zones\n\nAll suburban zones.\n\n5.3.7 Ambient Standards\n\n"
        "Noise is limited.\n\n5.4 Urban Zones\n\nAll urban zones.\n"
    )
    document = read(text)
    assert path_of(document, "Noise") == "ARTICLE 5 ZONES > 5.3 Suburban Zones > 5.3.7 Ambient Standards"
    assert path_of(document, "All urban") == "ARTICLE 5 ZONES > 5.4 Urban Zones"


def test_chapters_numbered_after_articles_stand_inside_them() -> None:
    text = "".join(
        f"ARTICLE {roman}\n\nGENERAL\n\n" + "".join(f"CHAPTER {n}.0{m} USES\n\n{BODY}\n" for m in (1, 2))
        for n, roman in ((1, "I"), (2, "II"))
    )
    document = read(text)
    assert [s.kind for s in document.sections[1:]] == ["article", "chapter", "chapter"] * 2


def test_a_table_of_contents_is_left_out() -> None:
    entries = [("Section 101", "Enactment"), ("Section 102", "Purpose"), ("Section 103", "Fences")]
    contents = "".join(f"  {label} {name} {'.' * 30} {n}\n" for n, (label, name) in enumerate(entries))
    bodies = "".join(f"{label} {name}\n\n{BODY}\n" for label, name in entries)
    document = read(f"CONTENTS\nARTICLE I: GENERAL {'.' * 20} 1\n{contents}\nARTICLE I: GENERAL\n\n{bodies}")
    assert titles(document) == ["ARTICLE I GENERAL", *(f"{label} {name}" for label, name in entries)]
    assert document.sections[1].start == document.text.rindex("ARTICLE I: GENERAL")


def test_contents_without_dots_are_told_by_what_follows_later() -> None:
    entries = [f"Sec. 3-{n}. - Rule {n}." for n in range(101, 107)]
    document = read("\n".join(entries) + "\n\n" + "".join(f"{entry}\n{BODY}" for entry in entries))
    assert len(titles(document)) == len(entries)
    assert document.sections[1].start == document.text.rindex(entries[0])


def test_page_headers_and_footers_are_no_headings() -> None:
    pages = [
        f"Town Code          Article II. Districts          July 1\n\nSection 2.0{n} Rule {n}\n\n{BODY}\n{n}\n"
        for n in range(1, 6)
    ]
    document = read("Article II. Districts\n\n" + "\f".join(pages))
    assert [section.kind for section in document.sections[1:]] == ["article"] + ["section"] * 5
    assert document.sections[-1].page == 5


def test_a_heading_may_stand_below_its_number() -> None:
    document = read(f"ARTICLE III\n\nDISTRICT\nREGULATIONS\n\n{BODY}")
    assert document.sections[1].heading == "DISTRICT REGULATIONS"
    assert document.text[document.sections[1].body_start :].strip() == BODY.strip()


def test_tables_that_hold_a_districts_rules_are_sections() -> None:
    text = "Section 2.04 Districts\n\nAs follows.\n\n" + "".join(
        f"Table 2.{n}\nRural {n} District\n\n(A) Purpose. To keep land open.\n\n(B) Uses. Farms.\n\n"
        for n in (1, 2)
    )
    document = read(text)
    assert path_of(document, "Farms").startswith(
        "Section 2.04 Districts > Table 2.1 Rural 1 District > (B) Uses"
    )


def test_headings_are_found_in_running_text() -> None:
    filler = "the lots of this zone shall be laid out with regard to the street and to one another. " * 12
    text = (
        f"ARTICLE 5 . SPECIFIC TO ZONES 5.1 GENERALLY This {filler}5.2 NATURAL ZONES (N1) {filler}"
        f"5.2.1 Building Disposition (N1) a. Newly platted Lots shall be large. b. Lot coverage is 10%. "
        f"As Section 5.2.9 Other Things says, {filler}"
        f"ILLUSTRATION 5.2 NATURAL ZONES (N1) BUILDING PLACEMENT a. Lot Area 5,000 s.f. {filler}"
    )
    document = read(text)
    assert titles(document) == [
        "ARTICLE 5 SPECIFIC TO ZONES",
        "5.1 GENERALLY",
        "5.2 NATURAL ZONES (N1)",
        "5.2.1 Building Disposition (N1)",
        "ILLUSTRATION 5.2 NATURAL ZONES (N1)",
    ]
    assert path_of(document, "Lot coverage").endswith("5.2.1 Building Disposition (N1) > b.")
