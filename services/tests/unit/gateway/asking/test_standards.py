"""What the standards of districts tell: the case asked about, conflicts, and what is not stated."""

from fake_gateway import standard

from plotlot.domain.questions import Asked, asked_of
from plotlot.domain.standards import Standard, Status
from plotlot.gateway.asking.standards import Told, misses_case, quotes_of, told_by
from plotlot.gateway.clients import DistrictStandards

AREA = standard("min_lot_area", 9000, "9,000 square feet")
SEWERLESS = standard("min_lot_area", 40000, "40,000 without sewer", conditions={"sewer": "none"})
TWO = standard("min_lot_area", 12000, "12,000 for two families", conditions={"use": "two_family"})
NO_FAR = standard("max_far", None, "", status=Status.NOT_STATED, citation=None)
HEIGHT = standard("max_height", 35, "35 feet")
RIVALS = [
    standard("front_setback", 20, "twenty feet", status=Status.CONFLICTING),
    standard("front_setback", 25, "twenty-five feet", status=Status.CONFLICTING),
]


def told(question: str, *standards: Standard, district: str = "R-1") -> Told:
    return told_by([DistrictStandards(district, "", standards)], asked_of(question))


def test_a_case_that_is_asked_about_answers_alone() -> None:
    found = told("lot size for a duplex", AREA, SEWERLESS, TWO)
    assert found.sentences == ["Minimum lot area in R-1: 12,000 sq ft (use: two family)"]
    assert found.rest_on == [TWO]


def test_where_no_case_is_named_the_base_comes_first_and_the_others_follow() -> None:
    (sentence,) = told("what is the lot size", AREA, SEWERLESS).sentences
    assert sentence == "Minimum lot area in R-1: 9,000 sq ft; 40,000 sq ft (sewer: none)"


def test_a_conflict_tells_both_values_and_both_quotes() -> None:
    found = told("front setback", *RIVALS)
    assert found.sentences == ["Front setback in R-1: 20 ft or 25 ft"]
    (conflict,) = found.conflicts
    assert (conflict["values"], len(conflict["quotes"])) == (["20 ft", "25 ft"], 2)


def test_a_field_that_is_not_stated_is_missed_unless_another_answers_the_same() -> None:
    assert [each["about"] for each in told("FAR and height", NO_FAR, HEIGHT).not_found] == [
        "maximum floor area ratio in R-1"
    ]
    assert told("How tall may a house be?", HEIGHT).not_found == []


def test_districts_that_say_the_same_are_told_in_one_sentence() -> None:
    found = [DistrictStandards(code, "", (HEIGHT,)) for code in ("R-1", "R-2", "R-3")]
    assert told_by(found, asked_of("building height")).sentences == [
        "Maximum height in R-1, R-2 and R-3: 35 ft"
    ]
    assert len(quotes_of([HEIGHT, HEIGHT])) == 1


def test_a_case_that_no_standard_names_is_noticed() -> None:
    district = [DistrictStandards("R-1", "", (AREA, TWO))]
    assert misses_case(district, asked_of("lot size for a corner lot"))
    assert not misses_case(district, asked_of("lot size for a duplex"))
    assert not misses_case(district, asked_of("lot size for a single-family house"))
    assert not misses_case(district, Asked(("min_lot_area",)))
