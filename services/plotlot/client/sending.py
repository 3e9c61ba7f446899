"""One request, tried again where that is safe: reads always, writes by a key with which they are carried out once."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from plotlot.client.problems import Problem, Unreachable

TRIES = 5
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 30.0
AGAIN = (429, 502, 503, 504)
IN_PROGRESS = "request-in-progress"


class Sender:
    """Sends requests; waits as long as ``Retry-After`` says, else twice as long each time."""

    def __init__(
        self, http: httpx.Client, tries: int = TRIES, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._http = http
        self._tries = tries
        self._sleep = sleep

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The whole answer. Raises Problem, Unreachable."""
        with self.opened(method, path, **options) as response:
            try:
                response.read()
            except httpx.HTTPError as error:
                raise Unreachable(f"{path}: the answer broke off: {error}") from error
            return response

    @contextmanager
    def opened(self, method: str, path: str, **options: Any) -> Iterator[httpx.Response]:
        """An answer whose body is still to be read. Raises Problem, Unreachable."""
        headers = {**options.pop("headers", {})}
        if method == "POST":
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        response = self._answered(method, path, headers, options)
        try:
            yield response
        finally:
            response.close()

    def pause(self, broken: int) -> None:
        """Wait before what broke off so many times in a row is asked for again."""
        self._sleep(wait_after(broken))

    def _answered(
        self, method: str, path: str, headers: Mapping[str, str], options: dict[str, Any]
    ) -> httpx.Response:
        for tried in range(1, self._tries + 1):
            wait = wait_after(tried)
            try:
                request = self._http.build_request(method, path, headers=headers, **options)
                response = self._http.send(request, stream=True)
                if response.is_success:
                    return response
                problem = problem_of(response)
            except httpx.HTTPError as error:
                if tried == self._tries:
                    raise Unreachable(f"{self._http.base_url}{path.lstrip('/')}: {error}") from error
                self._sleep(wait)
                continue
            if tried == self._tries or not (problem.status in AGAIN or problem.id == IN_PROGRESS):
                raise problem
            self._sleep(waited(response, wait))
        raise AssertionError("the last try returns or raises")


def wait_after(tries: int) -> float:
    """The seconds to wait after so many tries: twice as long each time."""
    return min(FIRST_WAIT_SECONDS * 2 ** (tries - 1), LONGEST_WAIT_SECONDS)


def waited(response: httpx.Response, otherwise: float) -> float:
    """The seconds that an answer asks to wait."""
    sent = response.headers.get("retry-after", "")
    return float(sent) if sent.isascii() and sent.isdigit() else otherwise


def problem_of(response: httpx.Response) -> Problem:
    """The problem of a refusal, whoever wrote it."""
    response.read()
    response.close()
    try:
        document = response.json()
    except ValueError:
        document = None
    return (
        Problem(document, response.status_code)
        if isinstance(document, dict)
        else problem_of_stranger(response)
    )


def problem_of_stranger(response: httpx.Response) -> Problem:
    """The problem of an answer that no gateway gives."""
    detail = f"{response.url} answered {response.status_code}: is that a PlotLot gateway?"
    return Problem({"detail": detail}, response.status_code)


def document_in(text: str | bytes, response: httpx.Response) -> dict[str, Any]:
    """The JSON object that an answer, or a line of it, is. Raises Problem for one that is none."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise problem_of_stranger(response)
    return document
