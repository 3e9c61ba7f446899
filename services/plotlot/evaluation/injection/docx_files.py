"""Word documents of a few paragraphs, one text in them where a reader sees it or does not."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

_AFTER = 5  # paragraphs, after which something is planted


def docx_with(paragraphs: Sequence[str], place: str, planted: str) -> bytes:
    """A Word document of the paragraphs with a text at a place; none for the place ``""``."""
    import docx

    document = docx.Document()
    for number, text in enumerate(paragraphs):
        if number == _AFTER and place:
            PLACES[place](document, planted)
        heading = text.startswith(("Sec.", "CHAPTER", "ZONING"))
        document.add_heading(text, 2) if heading else document.add_paragraph(text)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _plain(document: Any, text: str) -> None:
    document.add_paragraph(text)


def _vanish(document: Any, text: str) -> None:
    document.add_paragraph().add_run(text).font.hidden = True


def _white(document: Any, text: str) -> None:
    from docx.shared import RGBColor

    document.add_paragraph().add_run(text).font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)


def _tiny(document: Any, text: str) -> None:
    from docx.shared import Pt

    document.add_paragraph().add_run(text).font.size = Pt(1)


def _comment(document: Any, text: str) -> None:
    paragraph = document.add_paragraph("Notices are kept by the clerk.")
    document.add_comment(paragraph.runs, text=text, author="clerk")


def _header(document: Any, text: str) -> None:
    document.sections[0].header.paragraphs[0].text = text


def _deleted(document: Any, text: str) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    paragraph = document.add_paragraph()
    removed = parse_xml(f'<w:del {nsdecls("w")} w:id="1" w:author="clerk"><w:r><w:delText/></w:r></w:del>')
    removed[0][0].text = text
    paragraph._p.append(removed)


def _alt_text(document: Any, text: str) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    picture = parse_xml(
        f'<w:r {nsdecls("w", "wp")}><w:drawing><wp:inline><wp:docPr id="1" name="seal"/></wp:inline></w:drawing></w:r>'
    )
    picture[0][0][0].set("descr", text)
    document.add_paragraph("The seal of the village.")._p.append(picture)


def _property(document: Any, text: str) -> None:
    document.core_properties.comments = text
    document.core_properties.keywords = text


def _field(document: Any, text: str) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    instruction = parse_xml(f'<w:r {nsdecls("w")}><w:instrText xml:space="preserve"/></w:r>')
    instruction[0].text = text
    document.add_paragraph("Notices are kept by the clerk.")._p.append(instruction)


def _hidden_style(document: Any, text: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE

    style = document.styles.add_style("Aside", WD_STYLE_TYPE.PARAGRAPH)
    style.font.hidden = True
    document.add_paragraph(text, style="Aside")


PLACES: dict[str, Callable[[Any, str], None]] = {
    "plain": _plain,
    "vanish": _vanish,
    "white": _white,
    "tiny": _tiny,
    "comment": _comment,
    "header": _header,
    "deleted": _deleted,
    "alt_text": _alt_text,
    "property": _property,
    "field": _field,
    "hidden_style": _hidden_style,
}
