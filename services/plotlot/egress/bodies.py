"""Bodies of answers, read piece by piece and unpacked under a limit, so that none fills the memory."""

import zlib

ACCEPTED = "gzip, deflate"
_WINDOWS = {
    "": None,
    "identity": None,
    "gzip": 16 + zlib.MAX_WBITS,
    "x-gzip": 16 + zlib.MAX_WBITS,
    "deflate": zlib.MAX_WBITS,
}


class UnusableBody(ValueError):
    """Too large, packed in a way that was not asked for, or broken off."""


class TooLargeBody(UnusableBody):
    """More than is taken; asked for again, it would be so again."""


class Body:
    """What came of a body so far; neither packed nor unpacked has it more than so many bytes."""

    def __init__(self, encoding: str, most_bytes: int) -> None:
        """``encoding`` as Content-Encoding says it. Raises UnusableBody for another than was asked for."""
        if encoding.strip().lower() not in _WINDOWS:
            raise UnusableBody(f"it is packed by {encoding[:40]!r}, which was not asked for")
        window = _WINDOWS[encoding.strip().lower()]
        self._unpacking = None if window is None else zlib.decompressobj(window)
        self._most_bytes = most_bytes
        self._received = 0
        self._content = bytearray()

    def add(self, piece: bytes) -> None:
        """Take a piece. Raises UnusableBody."""
        self._received += len(piece)
        self._content += self._unpacked(piece) if self._unpacking else piece
        if max(self._received, len(self._content)) > self._most_bytes:
            raise TooLargeBody(f"it has more than {self._most_bytes / 1e6:g} MB")

    def whole(self) -> bytes:
        """All of it. Raises UnusableBody where what was packed broke off, or has something behind it."""
        if self._unpacking is not None and self._received and not self._unpacking.eof:
            raise UnusableBody("it broke off")
        return bytes(self._content)

    def _unpacked(self, piece: bytes) -> bytes:
        assert self._unpacking is not None
        room = self._most_bytes - len(self._content) + 1
        try:
            found = self._unpacking.decompress(piece, room)
        except zlib.error as error:
            raise UnusableBody(f"it cannot be unpacked: {error}") from None
        if self._unpacking.unused_data:
            raise UnusableBody("something stands behind its end")
        return found
