"""One request to an engine in progress: how long it was silent, and how it is ended."""

import asyncio

import aiohttp

LONGEST_SECONDS = 900.0  # that one answer may take, whatever its caller allows
GUARD_SECONDS = 1.0  # between looks at how long a stream was silent


class Exchange:
    """One request in progress: when something was last heard, and how to end it."""

    def __init__(self, silence_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._silence_seconds = silence_seconds
        self._response: aiohttp.ClientResponse | None = None
        self._cancelled = False
        self._began = self.heard_at = self._loop.time()
        self._guard = self._loop.call_later(min(GUARD_SECONDS, silence_seconds), self._look)
        self.ended = ""

    @property
    def response(self) -> aiohttp.ClientResponse:
        """The response, once there is one."""
        assert self._response is not None, "read before it came"
        return self._response

    def answered(self, response: aiohttp.ClientResponse) -> None:
        """The headers came."""
        self._response = response
        self.progressed()

    def progressed(self) -> None:
        """Something whole came; bytes of what never ends are no progress."""
        self.heard_at = self._loop.time()

    def end(self, why: str) -> None:
        """Give up. Whoever reads the response, or waits for it, gets an error."""
        if self.ended:
            return
        self.ended = why
        if self._response is None:
            # The task waits for the headers. Later it may be busy elsewhere, and must not be cancelled there.
            self._cancelled = self._task is not None and self._task.cancel()
        elif self._response.connection is not None and self._response.connection.transport is not None:
            self._response.connection.transport.abort()

    def was_cancelled_by_itself(self) -> bool:
        """Whether a cancellation came from ``end``; it is then taken back."""
        if self._cancelled and self._task is not None:
            self._cancelled = False
            return self._task.uncancel() == 0
        return False

    def close(self) -> None:
        """It is over."""
        self._guard.cancel()

    def _look(self) -> None:
        if self._loop.time() - self._began >= LONGEST_SECONDS:
            self.end(f"the answer took more than {LONGEST_SECONDS:g} seconds")
        elif self._loop.time() - self.heard_at >= self._silence_seconds:
            self.end(f"nothing came for {self._silence_seconds:g} seconds")
        else:
            self._guard = self._loop.call_later(min(GUARD_SECONDS, self._silence_seconds), self._look)
