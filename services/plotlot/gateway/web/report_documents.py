"""A report as a document of its own: a page that can be saved, and a PDF of the same template."""

from typing import Any

from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from plotlot.gateway.reports.view import view_of
from plotlot.gateway.web.pdf import PdfPrinter
from plotlot.gateway.web.rendering import Renderer

Json = dict[str, Any]


class Documents:
    """Writes reports down."""

    def __init__(self, renderer: Renderer, printer: PdfPrinter) -> None:
        self._renderer = renderer
        self._printer = printer

    def page(self, report: Json, drawing: str) -> HTMLResponse:
        """The report as one file that asks for nothing else."""
        return self._renderer.document("report.html", **values_of(report, drawing))

    async def pdf(self, report: Json, drawing: str) -> bytes:
        """The report as a PDF. Raises ServiceUnavailable."""
        page = self.page(report, drawing)
        return await self._printer.printed(bytes(page.body).decode())


def values_of(report: Json, drawing: str) -> Json:
    """What the template of a report needs where it stands alone, without links to what is around it."""
    return {
        "report": report,
        "view": view_of(report),
        "drawing": Markup(drawing),
        "saved": True,
        "shared": None,
        "outdated": (),
        "problem": None,
        "thanks": "",
    }


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """A file to be kept under a name by who asked for it, and by no proxy on the way."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(content, headers=headers, media_type=media_type)
