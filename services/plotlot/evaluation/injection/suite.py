"""The injection suite: every case on one PlotLot whose model obeys whatever it is told."""

from collections.abc import Callable, Mapping
from typing import Any

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.standards import Standard
from plotlot.evaluation.injection.carriers import clean_file
from plotlot.evaluation.injection.cases import Cases
from plotlot.evaluation.injection.documents import document_cases
from plotlot.evaluation.injection.metadata import metadata_cases
from plotlot.evaluation.injection.obeying import MARK, ObeyingEngine
from plotlot.evaluation.injection.outputs import Printer, prompt_sentences
from plotlot.evaluation.injection.questions import question_cases
from plotlot.evaluation.injection.stand import Stand, open_stand
from plotlot.evaluation.runs import Case
from plotlot.extraction.reader.assemble import read_code
from plotlot.ingestion.parsers import parse_document
from plotlot.settings import Settings

Follow = Callable[[str, dict[str, Any]], None]


async def injection_cases(
    cases: Cases, settings: Settings, follow: Follow, printers: Mapping[str, Printer]
) -> list[Case]:
    """What became of the cases. Raises InvalidRequest where the attack itself fails."""
    if not len(cases):
        return []
    engine = engine_of(cases)
    async with open_stand(settings, engine) as stand:
        await stand.hide()
        sentences = prompt_sentences()
        follow("documents", {"total": len(cases.documents)})
        found = await document_cases(stand, cases, sentences, printers)
        follow("questions", {"total": len(cases.questions)})
        found += await question_cases(stand, cases, sentences, printers)
        follow("metadata", {"total": len(cases.metadata)})
        found += await metadata_cases(stand, cases, printers)
        check_attacked(stand, cases)
    return found


def engine_of(cases: Cases) -> ObeyingEngine:
    """The model that obeys, and is honest about the clean carriers."""
    honest: list[Standard] = []
    for kind in sorted({one.format for one in cases.documents}):
        document = parse_document(f"code.{kind}", clean_file(cases.carriers, kind))
        honest += read_code([document]).standards["R-1"]
    return ObeyingEngine(cases.documents, honest)


def check_attacked(stand: Stand, cases: Cases) -> None:
    """Raise InvalidRequest where the model met too few of the words to obey: then nothing was tried."""
    marked = {mark for one in cases.questions for mark in MARK.findall(one.question)}
    if not marked <= stand.engine.obeyed:
        raise InvalidRequest(
            f"the model met {len(marked & stand.engine.obeyed)} of {len(marked)} marked questions: the suite tries nothing",
            field="injection",
        )
