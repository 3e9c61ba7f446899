"""Standards as messages and back."""

from typing import Any

from google.protobuf.json_format import ParseDict

from plotlot.api.common.v1 import standard_pb2
from plotlot.domain.standards import Citation, Formula, Standard, Status


def standard_to_message(standard: Standard) -> standard_pb2.Standard:
    """A standard as its message."""
    message = standard_pb2.Standard(
        field=standard.field,
        status=standard.status.value,
        value=standard.value,
        unit=standard.unit,
        conditions=standard.conditions,
        confidence=standard.confidence,
        engine=standard.engine,
        quoted_value=standard.quoted_value,
        quoted_unit=standard.quoted_unit,
        note=standard.note,
    )
    if standard.formula is not None:
        formula = standard.formula
        message.formula.CopyFrom(
            standard_pb2.Formula(
                percent=formula.percent, of=formula.of, minimum=formula.minimum, maximum=formula.maximum
            )
        )
    if standard.citation is not None:
        citation = standard.citation
        message.citation.CopyFrom(
            standard_pb2.Citation(
                document=citation.document,
                document_sha256=citation.document_sha256,
                section=citation.section,
                page=citation.page,
                start=citation.start,
                end=citation.end,
                quote=citation.quote,
                document_title=citation.document_title,
                effective_date=citation.effective_date,
                retrieved_at=citation.retrieved_at,
                anchor=citation.anchor,
            )
        )
    return message


def standard_from_message(message: standard_pb2.Standard) -> Standard:
    """The standard that a message holds."""
    formula = citation = None
    if message.HasField("formula"):
        sent = message.formula
        formula = Formula(
            percent=sent.percent,
            of=sent.of,
            minimum=sent.minimum if sent.HasField("minimum") else None,
            maximum=sent.maximum if sent.HasField("maximum") else None,
        )
    if message.HasField("citation"):
        cited = message.citation
        citation = Citation(
            document=cited.document,
            document_sha256=cited.document_sha256,
            section=cited.section,
            page=cited.page if cited.HasField("page") else None,
            start=cited.start,
            end=cited.end,
            quote=cited.quote,
            document_title=cited.document_title,
            effective_date=cited.effective_date,
            retrieved_at=cited.retrieved_at,
            anchor=cited.anchor,
        )
    return Standard(
        field=message.field,
        status=Status(message.status),
        value=message.value if message.HasField("value") else None,
        unit=message.unit,
        citation=citation,
        engine=message.engine,
        confidence=message.confidence,
        conditions=dict(message.conditions),
        quoted_value=message.quoted_value,
        quoted_unit=message.quoted_unit,
        formula=formula,
        note=message.note,
    )


def standard_message_from_json(standard: dict[str, Any]) -> standard_pb2.Standard:
    """The message of a standard in the form of ``standard_json``: the names are the same."""
    stated = {name: value for name, value in standard.items() if value is not None}
    return ParseDict(stated, standard_pb2.Standard())
