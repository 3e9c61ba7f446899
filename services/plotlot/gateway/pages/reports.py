"""The pages of reports: to be read, asked again by other facts, marked, shared, and compared with today."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.answers import Answers
from plotlot.gateway.callers import caller_of
from plotlot.gateway.feedback.request import remark_typed
from plotlot.gateway.feedback.store import FeedbackStore
from plotlot.gateway.ids import new_id
from plotlot.gateway.inputs import NameText, Text
from plotlot.gateway.inquiries import Question
from plotlot.gateway.reports.changes_view import changes_view
from plotlot.gateway.reports.facts import stated_in, typed_in
from plotlot.gateway.reports.view import view_of
from plotlot.gateway.sharing.sharing import LONGEST_DAYS, Sharing
from plotlot.gateway.watching.cited import AS_CITED, CitedSection, CitedSections
from plotlot.gateway.web.events import last
from plotlot.gateway.web.forms import FormProblem, form_of
from plotlot.gateway.web.rendering import Renderer, page_route
from plotlot.gateway.web.report_documents import Documents, attachment, values_of
from plotlot.http.conditional import conditional

Json = dict[str, Any]
PRIVATE = {"Cache-Control": "no-store"}
UNSEEN = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class Reports:
    """What the pages of reports are made with. ``signs_in`` says that a link alone shows nothing to a stranger."""

    answers: Answers
    feedback: FeedbackStore
    sharing: Sharing
    sections: CitedSections
    documents: Documents
    renderer: Renderer
    bundle: str
    signs_in: bool


def router(reports: Reports) -> APIRouter:
    """The routes of the pages of reports."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(reports.renderer))
    add_reading(routes, reports)
    add_asking_again(routes, reports)
    add_way_back(routes, reports)
    add_sharing(routes, reports)
    return routes


def add_reading(routes: APIRouter, reports: Reports) -> None:
    """The report, as a page and as files, and what changed since."""

    @routes.get("/analyses/{id}")
    async def report(id: Text, thanks: NameText = "") -> HTMLResponse:
        found, drawing = await reports.answers.report(id)
        return report_page(reports, found, drawing, await changed(reports, found), thanks=thanks)

    @routes.get("/analyses/{id}/report.html")
    async def saved_report(request: Request, id: Text) -> Response:
        found, drawing = await reports.answers.report(id)
        page = reports.documents.page(found, drawing)
        page.headers["Content-Disposition"] = f'attachment; filename="plotlot-{found["id"]}.html"'
        return conditional(page, bytes(page.body), request.headers.get("if-none-match", ""))

    @routes.get("/analyses/{id}/report.pdf")
    async def printed_report(id: Text) -> Response:
        return await pdf_answer(reports, *await reports.answers.report(id))

    @routes.get("/analyses/{id}/changes")
    async def changes(id: Text) -> HTMLResponse:
        found, _ = await reports.answers.report(id)
        view = changes_view(await reports.answers.changes(id))
        return reports.renderer.page("changes.html", report=found, view=view)


def add_asking_again(routes: APIRouter, reports: Reports) -> None:
    """Other facts, and remarks on values: forms of the report's page, which stay as typed where they are refused."""

    @routes.post("/analyses/{id}/rerun")
    async def rerun(request: Request, id: Text) -> Response:
        found, drawing = await reports.answers.report(id)
        typed = await form_of(request)
        try:
            stated = typed_in(found, typed)
            if stated.given == stated_in(found):
                return RedirectResponse(f"{path_of(found)}#facts", 303, PRIVATE)
            question = Question("", found["parcel"]["id"], found["municipality"], stated, found["id"])
        except InvalidRequest as error:
            wrong = FormProblem("facts", error, typed)
            return report_page(reports, found, drawing, await changed(reports, found), problem=wrong)
        return RedirectResponse(path_of(await last(reports.answers.analyze(question))), 303, PRIVATE)

    @routes.post("/analyses/{id}/feedback")
    async def remark(request: Request, id: Text) -> Response:
        found, drawing = await reports.answers.report(id)
        typed = await form_of(request)
        place = typed.get("place", "")[:200]
        try:
            body = remark_typed(typed, analysis=found["id"])
        except InvalidRequest as error:
            wrong = FormProblem(place, error, typed)
            return report_page(reports, found, drawing, await changed(reports, found), problem=wrong)
        await reports.feedback.add(caller_of(request.scope), body.remark(new_id("fb"), found, reports.bundle))
        query = urlencode({"thanks": place})
        return RedirectResponse(f"{path_of(found)}?{query}#{quote(place)}", 303, PRIVATE)


def add_way_back(routes: APIRouter, reports: Reports) -> None:
    """The addresses of forms, opened as pages: those of a form that was refused, and is asked for once more."""

    @routes.get("/analyses/{id}/rerun")
    @routes.get("/analyses/{id}/feedback")
    async def back(id: Text) -> RedirectResponse:
        found, _ = await reports.answers.report(id)
        return RedirectResponse(path_of(found), 303, PRIVATE)


def add_sharing(routes: APIRouter, reports: Reports) -> None:
    """Links to a report, and the page that a link opens."""

    @routes.get("/analyses/{id}/shares")
    async def shares(request: Request, id: Text) -> HTMLResponse:
        return await shares_page(reports, request, id)

    @routes.post("/analyses/{id}/shares")
    async def share(request: Request, id: Text) -> HTMLResponse:
        typed = (await form_of(request)).get("days", "")
        made = await reports.sharing.share(request, id, days_in(typed))
        return await shares_page(reports, request, id, made)

    @routes.post("/analyses/{id}/shares/{share}/revoke")
    async def revoke(id: Text, share: Text) -> RedirectResponse:
        link = await reports.sharing.revoke(id, share)
        return RedirectResponse(f"/analyses/{quote(link['analysis'], safe='')}/shares", 303, PRIVATE)

    @routes.get("/shared/{token}")
    async def shared(request: Request, token: Text) -> HTMLResponse:
        link, found, drawing = await reports.sharing.opened(request, token)
        values = values_of(found, drawing) | {
            "shared": {"link": link, "path": f"/shared/{quote(token)}"},
            "outdated": await changed(reports, found),
        }
        page = reports.renderer.page("report.html", **values)
        page.headers.update(UNSEEN)
        return page

    @routes.get("/shared/{token}/report.pdf")
    async def shared_pdf(request: Request, token: Text) -> Response:
        _, found, drawing = await reports.sharing.opened(request, token)
        answer = await pdf_answer(reports, found, drawing)
        answer.headers.update(UNSEEN)
        return answer


async def changed(reports: Reports, report: Json) -> list[CitedSection]:
    """The sections that a report cites and that are not any more as it cites them."""
    return [one for one in await reports.sections.of(report) if one.status != AS_CITED]


def report_page(
    reports: Reports,
    report: Json,
    drawing: str,
    outdated: list[CitedSection],
    thanks: str = "",
    problem: FormProblem | None = None,
) -> HTMLResponse:
    """The page of one analysis, with a form that was refused open at its place."""
    values = values_of(report, drawing) | {
        "saved": False,
        "outdated": outdated,
        "thanks": thanks,
        "problem": problem,
    }
    if problem is not None and problem.place == "facts":
        values["view"] = view_of(report, problem.typed)
    return reports.renderer.page("report.html", 422 if problem else 200, **values)


async def pdf_answer(reports: Reports, report: Json, drawing: str) -> Response:
    """The PDF of a report as an answer."""
    content = await reports.documents.pdf(report, drawing)
    return attachment(content, f"plotlot-{report['id']}.pdf", "application/pdf")


async def shares_page(
    reports: Reports, request: Request, analysis: str, made: Json | None = None
) -> HTMLResponse:
    """The links to a report, with one that was just made."""
    links = await reports.sharing.links(analysis)
    found, _ = await reports.answers.report(analysis)
    return reports.renderer.page(
        "shares.html",
        report=found,
        view=view_of(found),
        links=links,
        made=made,
        own="" if reports.signs_in else reports.sharing.address(request, path_of(found)),
    )


def days_in(typed: str) -> float | None:
    """For how many days a link is to last; None for as long as nobody takes it back. Raises InvalidRequest."""
    if not typed.strip():
        return None
    expected = f"a whole number of days, from 1 to {LONGEST_DAYS:,}"
    if not typed.strip().isdecimal() or not 1 <= int(typed) <= LONGEST_DAYS:
        raise InvalidRequest(f"days: it has to be {expected}", field="days", expected=expected)
    return float(typed)


def path_of(report: Json) -> str:
    """Where the page of a report is."""
    return f"/analyses/{quote(report['id'], safe='')}"
