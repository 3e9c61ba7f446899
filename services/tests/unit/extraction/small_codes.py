"""Small codes with one difficulty each, and what is read of them."""

from plotlot.domain.quotes import verify
from plotlot.domain.standards import Standard
from plotlot.extraction.reader.assemble import CodeReading, read_code
from plotlot.ingestion.parsers import parse_document

DISTRICTS = """\
# Millbrook Zoning Code

## Sec. 1. Districts

The town is divided into the following zoning districts:

R-1 Single-Family Residential District
R-2 Two-Family Residential District
R-3 Multiple-Family Residential District
C-1 Neighborhood Commercial District

"""


def read(*texts: str, name: str = "code{}.md") -> CodeReading:
    """The reading of a code in one document or more; every quote holds."""
    documents = [parse_document(name.format(at or ""), text.encode()) for at, text in enumerate(texts)]
    reading = read_code(documents)
    by_digest = {document.text_sha256: document.text for document in documents}
    for standards in reading.standards.values():
        for standard in standards:
            if standard.citation:
                assert verify(standard, by_digest[standard.citation.document_sha256]).holds
    return reading


def stated(reading: CodeReading, district: str, field: str) -> list[Standard]:
    """What is said of a field of a district, the plainest first."""
    return [one for one in reading.standards[district] if one.field == field]


def values(reading: CodeReading, district: str, field: str) -> list[tuple[float | None, dict[str, str]]]:
    """Values and conditions of a field."""
    return [(one.value, dict(one.conditions)) for one in stated(reading, district, field)]
