"""Bash scripts as a person would paste them, each in a process group that is ended as a whole."""

import asyncio
import os
import shlex
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import IO

MOST_OUTPUT = 20_000  # bytes that are kept of what a script says: its end
ENDING_SECONDS = 2.0
TIMED_OUT = 124


@dataclass(frozen=True, slots=True)
class Done:
    """How a script ended, and what it said on both streams."""

    status: int
    output: str


async def run_script(script: str, names: Mapping[str, str], seconds: float, stops: bool = True) -> Done:
    """Run a script with these variables; unless told otherwise it stops at the first command that fails.

    One that takes too long is ended with all that it started, and has the status 124.
    """
    # A file, for what a script leaves running in the background holds a pipe open.
    with tempfile.TemporaryFile() as output:
        async with _started(script, names, output, "set -e" if stops else "") as process:
            try:
                async with asyncio.timeout(seconds):
                    status = await process.wait()
            except TimeoutError:
                status = TIMED_OUT
        output.seek(max(0, output.tell() - MOST_OUTPUT))
        said = output.read().decode(errors="replace")
    return Done(status, said if status != TIMED_OUT else f"{said}\nnot done after {seconds:g} s")


@asynccontextmanager
async def going_on(script: str, names: Mapping[str, str]) -> AsyncIterator[None]:
    """A script that runs for as long as the block, its words thrown away; none where it is empty."""
    if not script:
        yield
        return
    with tempfile.TemporaryFile() as output:
        async with _started(script, names, output):
            yield


@asynccontextmanager
async def _started(
    script: str, names: Mapping[str, str], output: IO[bytes], options: str = ""
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Bash on a script, in a session of its own: an interrupt of the terminal is for us, who then put things back."""
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in names.items())
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", f"{exports}{options}\n{script}"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """End what is left of a script's process group, and wait for the script itself."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDING_SECONDS):
                await process.wait()
                return
