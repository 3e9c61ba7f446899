"""A reading that was made since its caller looked is not made again, and has the time that it takes."""

from plotlot.extraction.code import found_or_made


async def test_what_was_made_between_the_look_and_the_request_is_not_made_again() -> None:
    async def found() -> str:
        return "made before"

    async def work() -> str:
        raise AssertionError("it is made again")

    assert await found_or_made(found, work) == "made before"


async def test_what_is_not_found_is_made() -> None:
    async def nothing() -> str | None:
        return None

    async def work() -> str:
        return "made"

    assert await found_or_made(nothing, work) == "made"
