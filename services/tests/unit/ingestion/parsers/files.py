"""Small files of every format, made on the spot."""

from collections.abc import Sequence
from io import BytesIO
from zipfile import ZipFile

Words = tuple[float, float, str]
"""Left, bottom and text, in points."""


def pdf(pages: Sequence[Sequence[Words]], matrix: str = "1 0 0 1", encrypt: bool = False) -> bytes:
    """A PDF of Courier at 10 points; ``matrix`` turns every piece of text."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for page in pages:
        stream = "".join(
            f"BT /F1 10 Tf {matrix} {x} {y} Tm ({_escaped(text)}) Tj ET\n" for x, y, text in page
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}endstream")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 {2 * len(pages) + 3} 0 R >> >> /Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>")
    return _assembled(objects, encrypt)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _assembled(objects: Sequence[str], encrypt: bool) -> bytes:
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    lock = "/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 "
    lock += f"/O <{'11' * 32}> /U <{'22' * 32}> >> "
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R {lock if encrypt else ''}>>"
    ending = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\n"
    return body + f"{ending}startxref\n{len(body)}\n%%EOF\n".encode()


def docx(build: object) -> bytes:
    """A Word document that ``build`` has written into."""
    import docx as word

    document = word.Document()
    build(document)  # type: ignore[operator]
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def archive(entries: dict[str, bytes]) -> bytes:
    """A ZIP archive of the entries."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as package:
        for name, content in entries.items():
            package.writestr(name, content)
    return buffer.getvalue()
