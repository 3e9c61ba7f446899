"""The dwelling uses that a district's standards speak of, and the families each stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plotlot.domain.applicable import USE_CONDITIONS, families_of, is_dwelling
from plotlot.domain.standards import Standard

COUNTING_FIELDS = (
    "max_density",
    "max_units_per_lot",
    "min_lot_area_per_unit",
    "min_lot_area_per_additional_unit",
)


@dataclass(frozen=True, slots=True)
class Use:
    """A use to try: ``name`` as conditions write it, what it is called, and its families if known.

    ``standards`` are those of the district that speak of the use.
    """

    name: str
    words: str
    families: int | None
    standards: tuple[Standard, ...] = ()


def uses_of(standards: Sequence[Standard], facts: Mapping[str, str], district: str) -> list[Use]:
    """The dwelling uses to try; the plain use of the district has no name.

    A use with standards of its own is a case of its own, and the plain use then means fewer
    families. Parking and unit sizes are listed by use for all districts and prove nothing.
    """
    if facts.get("use"):
        return [_named(facts["use"], standards)]
    telling = [each for each in standards if each.field not in ("parking_per_unit", "min_unit_area")]
    named = {use for each in telling if (use := _use_of(each)) and is_dwelling(use)}
    names = named - {"one_or_two_family"}
    if "one_or_two_family" in named:
        names |= {"one_family", "two_family"}
    families = families_of(district)
    uses = [_named(name, telling) for name in sorted(names)]
    if families is not None:
        uses = [use for use in uses if use.families is not None and use.families <= families]
    plain = _plain_use(standards, uses, district, families)
    covered = {each.field for each in telling if not _use_of(each) and has_value(each)}
    special = {each.field for each in telling if _use_of(each) in names and has_value(each)}
    return [plain, *uses] if not uses or special <= covered else uses


def _plain_use(
    standards: Sequence[Standard], uses: Sequence[Use], district: str, families: int | None
) -> Use:
    larger = [use.families or 2 for use in uses if (use.families or 2) > 1]
    if families is not None and not larger:
        return Use("", f"the district's name, {district},", families)
    counted = any(each.field in COUNTING_FIELDS and has_value(each) for each in standards)
    if larger and not counted:
        called = "the plain use, beside those with standards of their own,"
        return Use("", called, min(larger) - 1)
    return Use("", f"the district's name, {district},", families)


def _use_of(standard: Standard) -> str:
    """The use that a standard is conditioned on, if any."""
    return next((standard.conditions[k] for k in USE_CONDITIONS if k in standard.conditions), "")


def has_value(standard: Standard) -> bool:
    """Whether a standard says anything that can be reckoned with."""
    return standard.value is not None or standard.formula is not None


def _named(name: str, standards: Sequence[Standard]) -> Use:
    speaking = tuple(each for each in standards if _use_of(each) == name and each.citation)
    return Use(name, f"the use {name.replace('_', ' ')}", families_of(name), speaking)
