"""Which districts a section that changed may bear on."""

import pytest

from plotlot.domain.bearing import borne_on
from plotlot.domain.standards import District

DISTRICTS = [
    District("R-1", "Single-Family Residential"),
    District("R-2"),
    District("T6-8"),
    District("T6-8-R"),
    District("C"),
]
PATH = "Chapter 12 Animals > Sec. 12-4 Dogs"


@pytest.mark.parametrize(
    "text",
    [
        "Sec. 12-4 Dogs. The owner of a dog shall keep it on a leash in a park.",
        "The clerk shall give notice to the applicant within 30 days.",
        "",
    ],
)
def test_what_measures_nothing_and_names_no_district_bears_on_none(text: str) -> None:
    assert borne_on([(PATH, text)], DISTRICTS) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "No building shall be higher than 35 feet.",
        "The zoning map is kept by the clerk.",
        "Sec. 12-4 is hereby amended.",
        "In the R-1 district and in all other districts, fences are allowed.",
        "In the R-1 district and the new R-9 district, lots are large.",
        "Section 3 of the R-1 regulations is repealed.",
    ],
)
def test_what_may_speak_of_any_district_bears_on_all(text: str) -> None:
    assert borne_on([(PATH, text)], DISTRICTS) is None


def test_what_names_districts_bears_on_those_and_on_their_variants() -> None:
    assert borne_on([(PATH, "The front setback in R-1 is 25 feet.")], DISTRICTS) == {"R1"}
    assert borne_on([(PATH, "In single-family residential areas, 25 feet.")], DISTRICTS) == {"R1"}
    assert borne_on([("Art. 5 > Sec. 5-3 R-2", "The lot width is 75 feet.")], DISTRICTS) == {"R2"}
    assert borne_on([(PATH, "Towers in T6-8 have 8 stories.")], DISTRICTS) == {"T6-8", "T6-8R"}
    both = [(PATH, "In R-1, 25 feet."), (PATH, "In R-2, 20 feet."), (PATH, "Dogs are kept on a leash.")]
    assert borne_on(both, DISTRICTS) == {"R1", "R2"}


def test_nothing_that_changed_bears_on_nothing() -> None:
    assert borne_on([], DISTRICTS) == frozenset()
