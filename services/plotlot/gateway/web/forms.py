"""Forms of pages that work without a script: what was sent, and what of it was refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request

from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.inputs import checked

MOST_FIELDS = 40


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What was wrong with a form: its place on the page, the field, and what was typed."""

    place: str
    error: InvalidRequest
    typed: Mapping[str, str]

    @property
    def field(self) -> str:
        """The field at fault, as the form names it."""
        return (self.error.field or "").removeprefix("facts.")


async def form_of(request: Request) -> dict[str, str]:
    """The texts of a form and of its address. Raises InvalidRequest where one cannot be stored."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        sent = {**request.query_params, **form}
    return {name: checked(value, name) for name, value in sent.items() if isinstance(value, str)}
