"""The facts of a lot that a request may state, as REST and its document have them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from plotlot.domain.lots import LARGEST_FT, SMALLEST_FT
from plotlot.domain.stated_facts import AREA, NUMBERS, StatedFacts
from plotlot.gateway.inputs import NameText

Feet = Annotated[float, Field(ge=SMALLEST_FT, le=LARGEST_FT)]
Area = Annotated[float, Field(ge=AREA[0], le=AREA[1])]
UnitArea = Annotated[float, Field(ge=NUMBERS["unit_area_low_sqft"][0], le=NUMBERS["unit_area_low_sqft"][1])]
SpaceArea = Annotated[float, Field(ge=NUMBERS["parking_space_sqft"][0], le=NUMBERS["parking_space_sqft"][1])]
Service = Literal["public", "none"]
GivenName = Annotated[NameText, Field(min_length=1, pattern=r"\S")]


class FactsRequest(BaseModel):
    """Facts that take the place of what the parcel's source says; one that is left out is as the source has it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lot_area_sqft: Area | None = None
    lot_width_ft: Feet | None = Field(default=None, description="With it, the lot is taken as a rectangle.")
    lot_depth_ft: Feet | None = Field(default=None, description="With it, the lot is taken as a rectangle.")
    frontage_ft: Feet | None = Field(
        default=None, description="Stands for the width where neither boundary nor width is known."
    )
    lot_kind: Literal["interior", "corner"] | None = None
    district: GivenName | None = Field(default=None, description="The zoning district that applies.")
    use: (
        Literal["one_family", "two_family", "three_family", "four_family", "multi_family", "townhouse"] | None
    ) = Field(default=None, description="The use to ask about; without it, the use that allows most.")
    sewer: Service | None = None
    water: Service | None = None
    overlay: GivenName | None = None
    unit_area_low_sqft: UnitArea | None = Field(
        default=None, description="The least floor area of a unit, where the code gives none; 600 is assumed."
    )
    unit_area_high_sqft: UnitArea | None = Field(default=None, description="The most; 1,500 is assumed.")
    parking_space_sqft: SpaceArea | None = Field(default=None, description="325 is assumed.")

    @property
    def stated(self) -> StatedFacts:
        """The facts. Raises InvalidRequest where one contradicts another."""
        return StatedFacts(**self.model_dump())
