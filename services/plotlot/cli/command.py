"""What every command shares: settings, common options, errors as words and an exit code."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from plotlot.cli.problems import ProblemError
from plotlot.cli.stopping import until_terminated
from plotlot.domain.errors import InvalidRequest, NotFoundError, PlotLotError
from plotlot.logs import begin_logs
from plotlot.rpc.context import about_request
from plotlot.settings import Settings

ANSWERED, FAILED, WRONG_USAGE, REFUSED, IN_PART = 0, 1, 2, 3, 4

MUNICIPALITY = click.option(
    "--municipality", "-m", default="", metavar="NAME", help="A municipality, e.g. 'Miami, FL'."
)
MUNICIPALITY_REQUIRED = click.option(
    "--municipality", "-m", required=True, metavar="NAME", help="The municipality, e.g. 'Miami, FL'."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    metavar="DIR",
    help="Folder of the state; default: the user's data folder.",
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

Command = Callable[..., Coroutine[Any, Any, int]]


def command(function: Command) -> Callable[..., None]:
    """A command that knows the folder of the state, run as ``stateless`` ones are."""
    return DATA(stateless(function))


def stateless(function: Command) -> Callable[..., None]:
    """Run an asynchronous command with settings, and turn its errors into words and an exit code."""

    @wraps(function)
    def run(data: Path | None = None, **options: Any) -> None:
        try:
            settings = settings_with(data, options)
            begin_logs(settings.log_level, settings.log_format, about_request)
            with asyncio.Runner(loop_factory=event_loop) as runner:
                code = runner.run(until_terminated(function(settings, **options)))
        except ProblemError as error:
            code = complain(str(error), error.document.get("suggestions", ()), exit_code(error))
        except PlotLotError as error:
            code = complain(error.message, error.suggestions, exit_code_of(error))
        except ValidationError as error:
            code = complain(settings_complaint(error), (), WRONG_USAGE)
        except UnicodeEncodeError:  # arguments that are not in the terminal's encoding
            code = complain("what was given is not text in UTF-8: type it anew", (), WRONG_USAGE)
        except KeyboardInterrupt:
            code = 128 + signal.SIGINT
        except asyncio.CancelledError:
            code = 128 + signal.SIGTERM
        except BrokenPipeError:  # the reader of our output has gone, as `| head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = FAILED
        raise SystemExit(code)

    return run


def event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, where there is one for the platform."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def settings_with(data: Path | None, options: dict[str, Any]) -> Settings:
    """The settings of the environment, under the options of the command line."""
    given: dict[str, Any] = {"data_dir": data} if data else {}
    prefix = "judge_" if options.get("service") == "judge" else ""
    for name in ("host", "port"):
        value = options.pop(name, None)
        if value is not None:
            given[prefix + name] = value
    return Settings(**given)


def settings_complaint(error: ValidationError) -> str:
    """What is wrong with a setting, by the name of its environment variable."""
    first = error.errors()[0]
    name = "_".join(str(part) for part in first["loc"]).upper()
    name = name if name.startswith("OTEL_") else f"PLOTLOT_{name}"
    return f"{name} is not usable: {first['msg'].removeprefix('Value error, ')}"


def complain(message: str, suggestions: Any, code: int) -> int:
    """Say what is wrong and what was near on standard error."""
    from plotlot.cli.output import echo

    echo(f"plotlot: {message}", err=True)
    for suggestion in suggestions:
        echo(f"  {suggestion}", err=True)
    return code


def exit_code(error: ProblemError) -> int:
    """The exit code for a problem that a gateway answered with."""
    if error.id == InvalidRequest.id:
        return WRONG_USAGE
    return REFUSED if error.id and error.status in (404, 409) else FAILED


def exit_code_of(error: PlotLotError) -> int:
    """The exit code for an error of this process."""
    if isinstance(error, NotFoundError):
        return REFUSED
    return WRONG_USAGE if isinstance(error, InvalidRequest) else FAILED
