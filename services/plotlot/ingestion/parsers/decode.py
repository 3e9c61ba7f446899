"""Bytes to canonical text: charset, line ends, and characters that carry no text."""

import codecs
import re
from itertools import pairwise

from charset_normalizer import from_bytes

from plotlot.domain.characters import UNSEEN
from plotlot.domain.errors import UnreadableDocument

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_END = re.compile(r"\r\n?|\x85|\u2028|\u2029")
_OVERRIDDEN = re.compile("\u202e([^\u202a-\u202e\n]*)\u202c?")
_TEXTLESS = re.compile(f"[\ud800-\udfff\x00-\x08\x0b\x0e-\x1f\x7f-\x9f{UNSEEN}]")
# More than any column is set apart by; rules that read past white space take long for thousands.
_LONGEST_BLANK = 600
_LONG_BLANK = re.compile(rf"(?<![^\S\f])([^\S\f]{{{_LONGEST_BLANK}}})([^\S\f]++)")  # the ends of pages stay
_STRAY = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?(?P<name>[\w-]+)", re.IGNORECASE)
_DECLARED_WITHIN = 4096
_WESTERN = frozenset(
    ("", "ascii", "us-ascii", "utf-8", "utf8", "latin-1", "latin1", "iso-8859-1", "iso8859-1")
)
_WESTERN_BYTES = bytes(range(128)) + "‘’“”–—•…™†‡§¶°±²³¼½¾©®«»· éèñáíóúüç€".encode("cp1252") + b"\xa0"
"""What codes hold beyond ASCII, as Windows writes it: with nothing else, the encoding is not guessed."""
_MOST_CONTROL = 0.05
_SAMPLE = 64 * 1024


def canonical(text: str) -> str:
    """Lines end in a line feed; zero-width and control characters go, thin spaces stay, white space without end ends.

    What a mark turns around is set as it is seen.
    """
    if "\u202e" in text:
        text = _OVERRIDDEN.sub(lambda match: match[1][::-1], text)
    text = _TEXTLESS.sub("", _LINE_END.sub("\n", text))
    return _LONG_BLANK.sub(lambda match: match[1] + "\n" * ("\n" in match[2]), text)


def decode_text(name: str, content: bytes) -> str:
    """The canonical text of a text file.

    Raises UnreadableDocument where the bytes are no text or hold none.
    """
    text = marked_text(content)
    if text is None:
        refuse_binary(name, content)
        text = _decode_unmarked(content)
    text = canonical(text)
    if not text.strip():
        raise UnreadableDocument(
            f"{name}: the file holds no text; check that the download finished and send it again",
            field="content",
        )
    return text


def marked_text(content: bytes) -> str | None:
    """The text of bytes with a byte order mark, or of UTF-16 that shows by its zeros; None for others."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    sample = content[: _SAMPLE & ~1]
    zeros = (sample[0::2].count(0), sample[1::2].count(0))
    if max(zeros) * 2 * 10 >= 6 * len(sample) and min(zeros) == 0 and len(sample) > 3:
        return content.decode("utf-16-be" if zeros[0] else "utf-16-le", "replace")
    return None


def utf8_text(content: bytes) -> str | None:
    """The text of bytes that are UTF-8, with pieces of Windows' Western text in them or without; else None."""
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(
        content
    )  # but for half a character at the end
    strays = len(_STRAY.findall(text))
    if strays and strays * 2 > len(_BEYOND_ASCII.findall(text)):
        return None
    return _STRAY.sub(
        lambda match: match[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), text
    )


def refuse_binary(name: str, content: bytes) -> None:
    """Raise UnreadableDocument where the bytes cannot be a text file."""
    sample = content[:_SAMPLE]
    control = sum(sample.count(byte) for byte in (*range(9), *range(14, 27), *range(28, 32)))
    if b"\x00" in sample or control > _MOST_CONTROL * max(len(sample), 1):
        raise UnreadableDocument(
            f"{name}: the file is binary, not text; "
            "send the ordinance as PDF, DOCX, HTML, Markdown, JSON or plain text",
            field="content",
        )


def _decode_unmarked(content: bytes) -> str:
    text = utf8_text(content)
    if text is not None:
        return text
    if not content.translate(None, _WESTERN_BYTES):
        return content.decode("cp1252")
    match = from_bytes(content[:_SAMPLE]).best()
    return _in_encoding(content, match.encoding if match else "")


def decode_markup(name: str, content: bytes) -> str:
    """The text of a page: UTF-8 where it is that, else what it declares, else Windows' Western text.

    Raises UnreadableDocument where the bytes are no text.
    """
    text = marked_text(content)
    if text is not None:
        return text
    refuse_binary(name, content)
    text = utf8_text(content)
    if text is not None:
        return text
    declared = _DECLARED.search(content[:_DECLARED_WITHIN])
    return _in_encoding(content, declared["name"].decode() if declared else "")


def _in_encoding(content: bytes, encoding: str) -> str:
    """The text in an encoding; what calls itself Latin-1 is Windows' Western text, as browsers take it."""
    if encoding.lower().replace("_", "-") in _WESTERN:
        encoding = "cp1252"
    try:
        return content.decode(encoding, "replace")
    except LookupError:
        return content.decode("cp1252", "replace")


_CHUNK_BREAK = re.compile(r"\n[ \t]*\n+")
_LONG_CHUNK = 1000
_SHORTEST_OVERLAP = 20


def stitch(text: str) -> str:
    """Join the pieces of a print-out cut into overlapping chunks; other texts stay as they are.

    A piece is a long unbroken paragraph. Where a piece starts with what the one before it ends
    with, the repetition is dropped; where it does not, both pieces and their blank line stay.
    """
    pieces = [piece for piece in _CHUNK_BREAK.split(text) if piece.strip()]
    if not _looks_chunked(pieces):
        return text
    parts = [pieces[0]]
    for previous, piece in pairwise(pieces):
        repeated = _overlap(previous.rstrip(), piece)
        if repeated:
            parts[-1] = parts[-1].rstrip()
            parts.append(piece[repeated:])
        else:
            parts.append("\n\n" + piece)
    return "".join(parts)


def _looks_chunked(pieces: list[str]) -> bool:
    """Whether most pieces are long and unbroken, and many start as the one before ended."""
    long = sum(len(piece) >= _LONG_CHUNK and "\n" not in piece.strip() for piece in pieces)
    if len(pieces) < 2 or long * 2 < len(pieces):
        return False
    repeated = sum(_overlap(a.rstrip(), b) > 0 for a, b in pairwise(pieces[:200]))
    return repeated * 4 >= min(len(pieces), 200) - 1


def _overlap(previous: str, piece: str) -> int:
    """How many characters of the piece's start repeat the previous one's end."""
    head = piece[:_SHORTEST_OVERLAP]
    if len(head) < _SHORTEST_OVERLAP:
        return 0
    at = previous.find(head, max(0, len(previous) - len(piece)))
    while at != -1:
        if piece.startswith(previous[at:]):
            return len(previous) - at
        at = previous.find(head, at + 1)
    return 0
