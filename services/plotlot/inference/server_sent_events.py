"""Server-sent events (the HTML standard, 9.2.6) out of the bytes of a stream, with bounded memory."""

from collections.abc import Iterator

LONGEST_EVENT_BYTES = 1 << 20


class EventTooLong(Exception):
    """An event has more bytes than any piece of an answer."""


class EventReader:
    """Collects bytes, and gives the data of each event that they complete."""

    def __init__(self, longest_bytes: int = LONGEST_EVENT_BYTES) -> None:
        self._longest = longest_bytes
        self._rest = b""
        self._data: list[bytes] = []
        self._held = 0

    def feed(self, received: bytes) -> Iterator[bytes]:
        """The data of the events that end in what was received. Raises EventTooLong."""
        lines = (self._rest + received).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            line = line.removesuffix(b"\r")
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
                self._held += len(line)
            elif not line and self._data:
                yield b"\n".join(self._data)
                self._data, self._held = [], 0
            elif line.startswith(b"error:"):  # llama.cpp's own way of telling of an error in a stream
                yield line[6:].strip()
        if self._held + len(self._rest) > self._longest:
            raise EventTooLong
