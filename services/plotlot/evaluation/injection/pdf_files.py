"""PDFs of a page, one text on it or about it where a reader sees it or does not."""

from collections.abc import Sequence

_TOP, _LEFT, _LINE = 740, 72, 14
_LONGEST = 80  # characters of a line
_FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"
_LAYER = "<< /Type /OCG /Name (Notes) >>"
_HALF_CLEAR = "<< /Type /ExtGState /ca 0 /CA 0 >>"


def pdf_with(paragraphs: Sequence[str], place: str, planted: str) -> bytes:
    """A PDF of the paragraphs with a text at a place; none for the place ``""``."""
    lines: list[str] = []
    for text in paragraphs:
        lines += [*wrapped(text), ""]
    if place == "plain":
        lines += wrapped(planted)
    shown = "".join(
        f"BT /F1 9 Tf {_LEFT} {_TOP - _LINE * number} Td ({escaped(line)}) Tj ET\n"
        for number, line in enumerate(lines)
        if line
    )
    return assembled(shown + beside(place, planted), place, planted)


def wrapped(text: str) -> list[str]:
    """A text in lines of bounded length."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= _LONGEST:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line] if line else lines


def escaped(text: str) -> str:
    """A text as a string of PDF holds it."""
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").replace("\n", " ")


def beside(place: str, planted: str) -> str:
    """What draws a planted text so that it is not seen; empty for what is no part of the page."""
    lines = wrapped(planted)

    def drawn(size: float, x: int, y: int) -> str:
        return "".join(
            f"BT /F1 {size} Tf {x} {y - _LINE * number} Td ({escaped(line)}) Tj ET\n"
            for number, line in enumerate(lines)
        )

    grey = "0.5 g 60 20 500 60 re f 0 g\n"
    ways = {
        "white": f"1 g\n{drawn(9, 72, 90)}0 g\n",
        "invisible": f"3 Tr\n{drawn(9, 72, 90)}0 Tr\n",
        "transparent": f"/G1 gs\n{drawn(9, 72, 90)}",
        "tiny": drawn(0.5, 72, 90),
        "off_page": drawn(9, 72, -200),
        "hidden_layer": f"/OC /L1 BDC\n{drawn(9, 72, 90)}EMC\n",
        "covered": f"{drawn(9, 72, 60)}{grey}",
    }
    return ways.get(place, "")


def assembled(stream: str, place: str, planted: str) -> bytes:
    """The file: a catalog, a page, and what the place needs besides."""
    text = escaped(planted)
    extra = {
        "annotation": f"<< /Type /Annot /Subtype /Text /Rect [10 10 20 20] /F 2 /Contents ({text}) >>",
        "script": f"<< /S /JavaScript /JS (app.alert\\(1\\); // {text}) >>",
        "attachment": f"<< /Type /Filespec /F (note.txt) /Desc ({text}) >>",
        "property": f"<< /Subject ({text}) /Keywords ({text}) >>",
    }.get(place, "<< >>")
    catalog = {
        "script": "/OpenAction 7 0 R ",
        "attachment": "/Names << /EmbeddedFiles << /Names [(note) 7 0 R] >> >> ",
    }.get(place, "")
    layers = "/OCProperties << /OCGs [6 0 R] /D << /BaseState /ON /OFF [6 0 R] >> >> "
    annotations = "/Annots [7 0 R] " if place == "annotation" else ""
    resources = "/Font << /F1 5 0 R >> /ExtGState << /G1 8 0 R >> /Properties << /L1 6 0 R >>"
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {annotations}/Resources << {resources} >> /Contents 4 0 R >>"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {layers}{catalog}>>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page,
        f"<< /Length {len(stream)} >>\nstream\n{stream}endstream",
        _FONT,
        _LAYER,
        extra,
        _HALF_CLEAR,
    ]
    return written(objects, "/Info 7 0 R " if place == "property" else "")


def written(objects: Sequence[str], trailer: str) -> bytes:
    """Objects as a PDF with its table of offsets."""
    body, offsets = b"%PDF-1.6\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1", "replace")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {trailer}>>\n"
    return body + f"{end}startxref\n{len(body)}\n%%EOF\n".encode()
