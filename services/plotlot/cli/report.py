"""An analysis and an answer for a terminal: the answer first, then what it rests on."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from plotlot.cli.output import console
from plotlot.gateway.reports.view import Json, ReportView, view_of
from plotlot.gateway.wording import (
    STATUS_WORDS,
    allowed,
    condition_words,
    dates_words,
    field_label,
    measure,
    plain,
    section_words,
    sentence,
    source_words,
    steps,
    value_words,
)

VERDICT_STYLES = {"buildable": "bold green", "not_buildable": "bold red"}
DISCLAIMER = "A reading of published code, not legal advice: confirm it with the planning department."


def print_analysis(report: dict[str, Any]) -> None:
    """A report: units, what decides, the lot, every standard with its quote, and what was assumed."""
    out, view = console(), view_of(report)
    _print_answer_first(out, report, view)
    _print_list(out, "Before you rely on this", report["warnings"])
    _print_lot(out, report, view)
    _print_constraints(out, view)
    _print_standards(out, view)
    _print_list(out, "Assumed", report["assumptions"])
    _print_colophon(out, report)


def print_answer(answer: dict[str, Any]) -> None:
    """An answer with the quotes it is made of, what contradicts and what was not found; or why there is none."""
    out = console()
    style = "yellow" if answer["refused"] else "bold"
    out.print(f"[{style}]{escape(plain(answer['answer']))}[/{style}]")
    if answer.get("reason"):
        out.print(f"[dim]reason: {escape(answer['reason'])}[/dim]")
    for conflict in answer.get("conflicts", ()):
        values = f": {' or '.join(conflict['values'])}" if conflict["values"] else ""
        about = escape(plain(conflict["about"] + values))
        out.print(f"[yellow]The code contradicts itself[/yellow] on {about}")
    for missing in answer.get("not_found", ()):
        why = f" ({missing['reason']})"
        out.print(f"[yellow]Not found:[/yellow] {escape(plain(missing['about'] + why))}")
    for quote in answer["quotes"]:
        out.print()
        if quote.get("columns"):
            _print_in(out, escape(plain(quote["columns"])), 2)
        _print_quote(out, quote, indent=2)


def _print_answer_first(out: Console, report: Json, view: ReportView) -> None:
    district = f"district {report['district']}" if report["district"] else "district not known"
    name = f" ({report['district_name']})" if report["district_name"] else ""
    out.print(f"[bold]{escape(plain(view.title))}[/bold], {escape(plain(report['municipality']))}")
    out.print(escape(plain(district + name)))
    style = VERDICT_STYLES.get(report["verdict"], "bold yellow")
    out.print(f"\n[{style}]{escape(view.headline)}[/{style}]  {escape(view.verdict)}")
    if view.binding is None:
        out.print(escape(sentence(report["yield"]["summary"])))
        return
    out.print(f"{view.binding_title}: [bold]{field_label(view.binding['field'])}[/bold]")
    for step in steps(view.binding["arithmetic"]):
        _print_in(out, escape(step), 2)
    if view.one_more:
        _print_in(out, escape(view.one_more), 2)
    if view.lower:
        label = field_label(view.lower["field"]).lower()
        _print_in(out, f"The lower figure comes from the {label}: {allowed(view.lower)}.", 2)
    for standard in view.binding_standards[:3]:
        if standard["citation"]:
            _print_quote(out, standard["citation"], indent=2)


def _print_lot(out: Console, report: Json, view: ReportView) -> None:
    def known(area: float) -> str:
        return measure(area, "sqft", 0) if view.yards_known else "not known"

    lot, envelope = report["parcel"]["lot"], report["envelope"]
    facts = [
        ("Lot area", measure(lot["area_sqft"], "sqft", 0)),
        ("Lot width", measure(lot["width_ft"], "ft", 1)),
        ("Lot depth", measure(lot["depth_ft"], "ft", 1)),
        ("Kind of lot", lot["kind"] or "–"),
    ]
    if envelope:
        facts += [
            ("Envelope", known(envelope["area_sqft"])),
            ("Largest footprint", known(envelope["footprint_sqft"])),
            ("Height", measure(envelope["max_height_ft"], "ft")),
            ("Stories", measure(envelope["max_stories"], "")),
            ("Floor area, least", measure(envelope["floor_area_low_sqft"], "sqft", 0)),
            ("Floor area, most", measure(envelope["floor_area_high_sqft"], "sqft", 0)),
        ]
    _heading(out, "The lot and its envelope")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    for name, value in facts:
        table.add_row(name, escape(value))
    out.print(table)
    if not envelope:
        _print_in(out, "The boundary is not known here: no envelope was drawn.", 2)


def _print_constraints(out: Console, view: ReportView) -> None:
    if not view.constraints:
        return
    _heading(out, "Every constraint, tightest first")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), header_style="dim")
    table.add_column("Constraint", no_wrap=True)
    table.add_column("Units", no_wrap=True)
    table.add_column("Arithmetic", overflow="fold")
    for each in view.constraints:
        mark = " *" if each["binding"] else ""
        table.add_row(
            field_label(each["field"]) + mark,
            allowed(each),
            escape("\n".join(steps(each["arithmetic"]))),
            style="bold" if each["binding"] else "dim" if each["informative"] else None,
        )
    out.print(table)


def _print_standards(out: Console, view: ReportView) -> None:
    if not view.groups:
        return
    _heading(out, "The standards and their quotes")
    missing: list[str] = []
    section = ""
    for group in view.groups:
        missing += group.missing
        for standard in group.standards:
            _print_standard(out, standard, section)
            section = _where(standard["citation"]) if standard["citation"] else section
    if missing:
        _print_in(out, f"Not stated in the code that was read: {', '.join(missing)}.", 2)


def _print_standard(out: Console, standard: Json, section: str) -> None:
    """A standard with its quote, and where it stands unless the one before it stood there too."""
    when = condition_words(standard["conditions"])
    status = STATUS_WORDS[standard["status"]] if standard["status"] != "stated" else ""
    details = "; ".join(filter(None, (f"where {when}" if when else "", status)))
    tail = f" [dim]({escape(plain(details))})[/dim]" if details else ""
    label, value = field_label(standard["field"]), escape(value_words(standard))
    _print_in(out, f"{label}: [bold]{value}[/bold]{tail}", 2)
    if standard["citation"]:
        _print_quote(out, standard["citation"], indent=4, said=section)


def _print_quote(out: Console, citation: Json, indent: int, said: str = "") -> None:
    quote = escape(plain(" ".join(citation["quote"].split())))
    _print_in(out, f"[italic]“{quote}”[/italic]", indent)
    if (where := _where(citation)) != said:
        _print_in(out, f"[dim]{escape(where)}[/dim]", indent)


def _where(citation: Json) -> str:
    """The document, the section in it, the page, and how old the document is."""
    page = f", page {citation['page']}" if citation["page"] is not None else ""
    path = dict.fromkeys(filter(None, (citation.get("document_title"), section_words(citation))))
    place = (" > ".join(path) or source_words(citation)) + page
    return plain(". ".join(filter(None, (place, dates_words(citation)))))


def _print_in(out: Console, text: str, indent: int) -> None:
    out.print(Padding(text, (0, 0, 0, indent), expand=False))


def _print_list(out: Console, title: str, items: list[str]) -> None:
    if items:
        _heading(out, title)
        for item in items:
            _print_in(out, f"- {escape(sentence(item))}", 2)


def _print_colophon(out: Console, report: Json) -> None:
    timings = report.get("timings_ms", {})
    stages = ", ".join(f"{name} {spent:.1f} ms" for name, spent in timings.items())
    out.print(f"\n[dim]{stages}[/dim]")
    out.print(f"[dim]Analysis {report['id']}, bundle {report['bundle']}, {report['created_at']}[/dim]")
    out.print(f"[dim]{DISCLAIMER}[/dim]")


def _heading(out: Console, title: str) -> None:
    out.print(f"\n[bold]{title}[/bold]")
