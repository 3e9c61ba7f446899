"""Texts in what surrounds a code: parcels, names, titles, remarks, keys and headers."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from plotlot.evaluation.injection.carriers import clean_file
from plotlot.evaluation.injection.cases import Cases, MetadataCase
from plotlot.evaluation.injection.documents import DISTRICT, QUESTIONS, clean_town
from plotlot.evaluation.injection.findings import ENCODED, TOWN, UNCHANGED, Findings
from plotlot.evaluation.injection.outputs import (
    Printer,
    csv_faults,
    page_faults,
    terminal_faults,
    words_of,
)
from plotlot.evaluation.injection.questions import CARRIER
from plotlot.evaluation.injection.stand import Json, Stand, several, values_of
from plotlot.evaluation.runs import Case

LOT = [[-83.552, 40.588], [-83.5516, 40.588], [-83.5516, 40.5884], [-83.552, 40.5884], [-83.552, 40.588]]
STREET = [[-83.5521, 40.5879], [-83.5515, 40.5879]]
PARCELS = ("property", "property_name", "address", "street", "parcel")
HTML = {"Accept": "text/html"}


async def metadata_cases(stand: Stand, cases: Cases, printers: Mapping[str, Printer]) -> list[Case]:
    """A case for each text."""
    tried = _Tried(stand, cases, printers)
    await tried.begin()
    return await several(map(tried.case, cases.metadata))


class _Tried:
    """Tries each text in its place, beside the same without it."""

    def __init__(self, stand: Stand, cases: Cases, printers: Mapping[str, Printer]) -> None:
        self._stand = stand
        self._cases = cases
        self._printers = printers
        self._town = clean_town(CARRIER)
        self._clean: Json = {}

    async def begin(self) -> None:
        """Analyse the lot about which nothing is planted."""
        await self._import("P-0", {}, "Elm Street")
        self._clean = await self._analysed("P-0")

    async def case(self, attack: MetadataCase) -> Case:
        """The case of one text."""
        findings = Findings()
        if attack.where in PARCELS:
            await self._parcel(attack, findings)
        else:
            await getattr(self, f"_{attack.where}")(attack, findings)
        return findings.case(attack, {"question": attack.vector, "evidence": attack.payload[:400]})

    async def _parcel(self, attack: MetadataCase, findings: Findings) -> None:
        """A text in a parcel: the analysis says the same of the lot, in every form that it is shown in."""
        number = attack.payload if attack.where == "parcel" else f"P-{attack.id}"
        properties = {
            "property": {"owner_note": attack.payload},
            "property_name": {attack.payload: "yes"},
            "address": {"address": attack.payload},
        }.get(attack.where, {})
        street = attack.payload if attack.where == "street" else "Elm Street"
        sent = await self._import(number, properties, street)
        if sent >= 400:
            findings.look(UNCHANGED, [] if sent == 422 else [f"the import answered {sent}"])
            return
        report = await self._analysed(_stored(number))
        findings.look(UNCHANGED, [] if "yield" in report else [f"not analysed: {str(report)[:200]}"])
        if "yield" not in report:
            return
        findings.same("values", values_of(report), values_of(self._clean))
        findings.same("units", _units(report), _units(self._clean))
        for path in (f"/analyses/{report['id']}", f"/analyses/{report['id']}/report.html"):
            await self._page(path, findings)
        await self._csv(_stored(number), findings)
        if attack.where == "address":
            await self._page(
                f"/analyze?address={quote(attack.payload)}&municipality={quote(self._town)}", findings
            )
            await self._page(f"/?address={quote(attack.payload)}", findings)
        self._print("analysis", report, findings)

    async def _municipality(self, attack: MetadataCase, findings: Findings) -> None:
        """A town of that name: refused, or read as any other."""
        sent = await self._stand.ingest(attack.payload, "code.md", clean_file(self._cases.carriers, CARRIER))
        findings.look(
            UNCHANGED, [f"the upload answered {sent.status_code}"] if sent.status_code >= 500 else []
        )
        await self._page("/towns", findings)
        await self._page(f"/towns/{quote(attack.payload, safe='')}", findings)
        await self._page(f"/towns/{quote(attack.payload, safe='')}/{DISTRICT}", findings)
        await self._page("/", findings)
        standards = await self._stand.read(attack.payload, DISTRICT)
        if sent.status_code < 400 and standards["standards"]:
            clean = await self._stand.read(self._town, DISTRICT)
            findings.same("values", values_of(standards), values_of(clean))
            self._print("standards", standards, findings)
            ingested = {"documents": [sent.json()], "municipality": attack.payload, "districts": [DISTRICT]}
            self._print("ingested", ingested, findings)

    async def _title(self, attack: MetadataCase, findings: Findings) -> None:
        """A code of that title."""
        town = f"Brackwater {attack.id}, OH"
        text = json.loads(clean_file(self._cases.carriers, "json"))
        content = json.dumps({**text, "title": f"Zoning Code {attack.payload}"}).encode()
        await self._stand.ingest(town, "code.json", content)
        clean = await self._stand.read(clean_town("json"), DISTRICT)
        standards = await self._stand.read(town, DISTRICT)
        findings.same("values", values_of(standards), values_of(clean))
        answer = await self._stand.ask(QUESTIONS[1], town)
        await self._page(f"/towns/{quote(town, safe='')}/{DISTRICT}", findings)
        await self._page(f"/ask?municipality={quote(town)}&question={quote(QUESTIONS[1])}", findings)
        self._print("standards", standards, findings)
        self._print("answer", answer, findings)

    async def _feedback(self, attack: MetadataCase, findings: Findings) -> None:
        """A remark: it is kept and shown, and changes no value."""
        before = values_of(await self._stand.read(self._town, DISTRICT))
        remark = {
            "kind": "other",
            "municipality": self._town,
            "district": DISTRICT,
            "comment": attack.payload,
        }
        sent = await self._stand.client.post("/v1/feedback", json=remark)
        findings.look(UNCHANGED, [f"it answered {sent.status_code}"] if sent.status_code >= 500 else [])
        findings.same("values", values_of(await self._stand.read(self._town, DISTRICT)), before)
        await self._page("/towns", findings)
        await self._page(f"/towns/{quote(self._town, safe='')}", findings)
        listed = (await self._stand.client.get("/v1/feedback")).json()
        self._print("feedback", listed, findings)

    async def _key(self, attack: MetadataCase, findings: Findings) -> None:
        """A key of that name: it opens no more than its role does."""
        sent = await self._stand.client.post("/v1/keys", json={"name": attack.payload, "role": "reader"})
        findings.look(UNCHANGED, [f"it answered {sent.status_code}"] if sent.status_code >= 500 else [])
        if sent.status_code < 300:
            findings.same("role", sent.json()["role"], "reader")
        self._print("keys", (await self._stand.client.get("/v1/keys")).json(), findings)
        self._print("audit", (await self._stand.client.get("/v1/audit")).json(), findings)

    async def _tenant_header(self, attack: MetadataCase, findings: Findings) -> None:
        """Headers that services believe among themselves: at the gateway they say nothing."""
        headers = {"plotlot-tenant": attack.payload, "plotlot-parameters-bin": "e30="}
        for town in (TOWN, ""):
            answer = await self._stand.ask("quagmire vault of globex", town, headers)
            findings.told(words_of(answer))
            search = {"query": "quagmire vault", "municipality": town, "k": 20}
            found = await self._stand.client.post("/v1/search", json=search, headers=headers)
            findings.told(found.text)

    async def _page(self, path: str, findings: Findings) -> None:
        page = await self._stand.client.get(path, headers=HTML, follow_redirects=True)
        findings.look(ENCODED, [f"{path} answered {page.status_code}"] if page.status_code >= 500 else [])
        findings.look(ENCODED, page_faults(page.text))
        findings.told(page.text)

    async def _csv(self, number: str, findings: Findings) -> None:
        row = [{"ref": number, "parcel_id": number, "municipality": self._town}]
        answer = await self._stand.client.post("/v1/analyses:batch", json=row, headers={"Accept": "text/csv"})
        findings.look(ENCODED, csv_faults(answer.text))

    def _print(self, name: str, document: Any, findings: Findings) -> None:
        if name in self._printers:
            findings.look(ENCODED, terminal_faults(self._printers[name](document)))

    async def _import(self, number: str, properties: Mapping[str, str], street: str) -> int:
        feature = {
            "type": "Feature",
            "properties": {
                "parcel_id": number,
                "address": f"{number} Elm Street",
                "zoning": DISTRICT,
                **properties,
            },
            "geometry": {"type": "Polygon", "coordinates": [LOT]},
            "frontage": {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"name": street},
                        "geometry": {"type": "LineString", "coordinates": STREET},
                    }
                ],
            },
        }
        content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
        sent = await self._stand.client.post(
            "/v1/parcels", files={"file": ("parcels.geojson", content)}, data={"municipality": self._town}
        )
        return sent.status_code

    async def _analysed(self, number: str) -> Json:
        body = {"parcel_id": number, "municipality": self._town}
        found: Json = (await self._stand.client.post("/v1/analyses", json=body)).json()
        return found


def _stored(number: str) -> str:
    """A parcel's id as an import keeps it: in one line, without what nobody sees."""
    from plotlot.ingestion.parcel_files import read_parcels

    content = json.dumps(
        {"type": "Feature", "properties": {"parcel_id": number, "lot_width_ft": 50}}
    ).encode()
    return read_parcels("parcel.geojson", content, TOWN)[0][0].id


def _units(report: Json) -> tuple[Any, ...]:
    units = report["yield"]
    return units["units_low"], units["units_high"], units["binding_constraint"], report["verdict"]
