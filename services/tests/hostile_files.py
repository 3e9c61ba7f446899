"""Broken files by the thousand: each read in a process of its own limits, which may refuse it and nothing else.

`python -m hostile_files SEED FROM COUNT [FOLDER]` reads them and says on standard output what it did; a process that
dies, or says that a file was neither read nor refused, has found a fault.
"""

import io
import random
import resource
import signal
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CARRIERS = REPOSITORY / "evals" / "injection" / "carriers"
PARCELS = REPOSITORY / "examples" / "larkfield" / "parcels.geojson"
MOST_BYTES = 4 * 2**30  # of address space: models and libraries are mapped too
MOST_SECONDS = 60
LARGEST_SEED = 1_500_000
CSV = b'parcel_id,address,zoning,lot_width_ft,wkt\nP-1,1 Elm St,R-1,70,"POLYGON ((0 0, 0.001 0, 0.001 0.001, 0 0))"\n'
TOKENS = (
    b"<" * 400, b"<div>" * 300, b"[" * 900, b"{\"a\":" * 500, b"(" * 500, b"| " * 900, b"\x00" * 50, b"\xff\xfe", b"\xed\xa0\x80",
    b"9" * 5000, b"-1", b"1e309", b"NaN", b"\\u0000", b"\\ud800", b"&#x110000;", b"&a;" * 50, b"]]>", b"<![CDATA[", b"<!--", b"```\n" * 50,
    b"<table>" * 60, b" rowspan=\"99999\" colspan=\"99999\" ", b"endobj\n", b"/Kids [3 0 R]", b"/Count 2147483647", b"/Length -1",
    b"/MediaBox [0 0 1e9 1e9]", b"<< /Type /Page >>", b"PK\x05\x06", "\u202e\u200b\U000e0041".encode(), b"Sec. 1.1.1.1.1.1.1.1 ", b"R-" * 200,
    b"\n\n\n" * 200, b"\t" * 500, b"\x0c" * 300, b"$" * 500, b"1/2" * 200, b"ft. " * 300,
)  # fmt: skip


def seeds(folder: Path | None = None) -> list[tuple[str, bytes]]:
    """Good files of every kind that is read, and those of a folder of codes."""
    from plotlot.evaluation.injection.carriers import clean_file

    found = [
        (f"code.{kind}", clean_file(CARRIERS, kind))
        for kind in ("md", "html", "txt", "json", "xml", "docx", "pdf")
    ]
    found += [("parcels.geojson", PARCELS.read_bytes()), ("parcels.csv", CSV)]
    if folder is not None:
        real = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "manifest.json")
        found += [(path.name, path.read_bytes()) for path in real if path.stat().st_size <= LARGEST_SEED]
    return found


def broken(content: bytes, source: random.Random, others: Sequence[bytes]) -> bytes:
    """A file after one to six changes."""
    for _ in range(source.randint(1, 6)):
        content = source.choice(CHANGES)(content, source, others)
    return content[: 8 * LARGEST_SEED]


def _cut(content: bytes, source: random.Random, others: Sequence[bytes]) -> bytes:
    return content[: source.randrange(len(content) + 1)]


def _flip(content: bytes, source: random.Random, others: Sequence[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(source.randint(1, 40) if changed else 0):
        changed[source.randrange(len(changed))] = source.randrange(256)
    return bytes(changed)


def _insert(content: bytes, source: random.Random, others: Sequence[bytes]) -> bytes:
    at = source.randrange(len(content) + 1)
    return content[:at] + source.choice(TOKENS) * source.choice((1, 1, 1, 20)) + content[at:]


def _remove(content: bytes, source: random.Random, others: Sequence[bytes]) -> bytes:
    at = source.randrange(len(content) + 1)
    return content[:at] + content[at + source.randint(1, 400) :]


def _repeat(content: bytes, source: random.Random, others: Sequence[bytes]) -> bytes:
    at = source.randrange(len(content) + 1)
    return content[:at] + content[at : at + source.randint(1, 200)] * source.randint(2, 200) + content[at:]


def _splice(content: bytes, source: random.Random, others: Sequence[bytes]) -> bytes:
    other = source.choice(others)
    at, to = source.randrange(len(content) + 1), source.randrange(len(other) + 1)
    return content[:at] + other[to:]


def _inside(content: bytes, source: random.Random, others: Sequence[bytes]) -> bytes:
    """A change of a part of a ZIP archive, which is packed again so that the change reaches its reader."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = {item.filename: package.read(item.filename) for item in package.infolist()}
    except Exception:
        return _flip(content, source, others)
    name = source.choice(["word/document.xml", *sorted(parts)])
    change = source.choice((_cut, _flip, _insert, _remove, _repeat))
    parts[name] = change(parts.get(name, b""), source, others)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for part, inside in parts.items():
            package.writestr(part, inside)
    return packed.getvalue()


CHANGES: Sequence[Callable[[bytes, random.Random, Sequence[bytes]], bytes]] = (
    _cut, _flip, _flip, _insert, _insert, _remove, _repeat, _splice, _inside, _inside,
)  # fmt: skip


def files(
    seed: int, first: int, count: int, good: Sequence[tuple[str, bytes]]
) -> Iterator[tuple[int, str, bytes]]:
    """The broken files of a seed, each the same however many are asked for."""
    contents = [content for _, content in good]
    for number in range(first, first + count):
        source = random.Random(f"{seed}-{number}")
        name, content = good[number % len(good)]
        yield number, name, broken(content, source, contents)


def read(name: str, content: bytes) -> str:
    """What became of a file: read, or refused. Raises whatever is neither."""
    from plotlot.domain.errors import InputError
    from plotlot.ingestion.parcel_files import read_parcels
    from plotlot.ingestion.parsers import parse_document

    try:
        if name.startswith("parcels"):
            read_parcels(name, content, "Aford, OH")
        else:
            document = parse_document(name, content)
            document.text.encode()
    except InputError as error:
        return f"refused {error.id}"
    return "read"


def main(seed: int, first: int, count: int, folder: Path | None) -> int:
    """Read the files; 1 at the first that is neither read nor refused."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    for number, name, content in files(seed, first, count, seeds(folder)):
        print(f"{number} {name} {len(content)}", end=" ", flush=True)
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)  # of processor time: then the process ends
        began = time.process_time()
        try:
            print(read(name, content), f"{time.process_time() - began:.2f}", flush=True)
        except BaseException as error:
            print(f"FAULT {type(error).__name__}: {str(error)[:300]}", flush=True)
            return 1
        signal.setitimer(signal.ITIMER_PROF, 0)
    return 0


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:4]]
    raise SystemExit(
        main(numbers[0], numbers[1], numbers[2], Path(sys.argv[4]) if len(sys.argv) > 4 else None)
    )
