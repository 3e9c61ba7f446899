"""Finds the zoning districts that a code defines, by their codes and by their names."""

from collections.abc import Sequence

from plotlot.domain.documents import Document
from plotlot.extraction.reader.district_abbreviations import abbreviated
from plotlot.extraction.reader.district_codes import coded_districts
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.district_names import named_districts
from plotlot.extraction.reader.table_districts import tabled_districts


def discover(documents: Sequence[Document]) -> DistrictIndex:
    """The districts that the documents of a code define, in the order in which they appear."""
    known = DistrictIndex(coded_districts(documents))
    known = DistrictIndex([*known.districts, *named_districts(documents, known)])
    tabled = [*known.districts, *tabled_districts(documents, known)]
    return DistrictIndex(abbreviated(documents, tabled))
