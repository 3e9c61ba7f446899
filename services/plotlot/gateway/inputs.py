"""What every text of a request must be: characters that can be stored and shown; and a body of bounded size."""

from typing import Annotated

from pydantic import AfterValidator, Field
from starlette.requests import Request

from plotlot.domain.errors import DocumentTooLarge, InvalidRequest
from plotlot.domain.texts import LONGEST_ADDRESS, LONGEST_NAME, is_plain


def storable(text: str) -> str:
    """The text itself. Raises ValueError where it holds a NUL or half of a surrogate pair."""
    if not is_plain(text):
        raise ValueError("it holds characters that no text has (a NUL, or half of a pair); take them out")
    return text


def checked(text: str, field: str) -> str:
    """The text itself. Raises InvalidRequest, which names the field, where it cannot be stored."""
    try:
        return storable(text)
    except ValueError as error:
        raise InvalidRequest(f"{field}: {error}", field=field) from error


async def content_of(request: Request, most_bytes: int, what: str) -> bytes:
    """The body of a request, which is ``what`` in words. Raises DocumentTooLarge."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > most_bytes:
            allowed = f"{most_bytes / 1e6:,.0f} MB"
            raise DocumentTooLarge(
                f"more than the {allowed} allowed: send {what} in parts",
                field="body",
                expected=f"at most {allowed}",
            )
    return bytes(content)


Text = Annotated[str, AfterValidator(storable)]
AddressText = Annotated[str, Field(max_length=LONGEST_ADDRESS), AfterValidator(storable)]
NameText = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(storable)]
QuestionText = Annotated[str, Field(max_length=2000), AfterValidator(storable)]
