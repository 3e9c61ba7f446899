"""Search at 1, 10 and 100 thousand chunks: what it costs, what it misses, and what the way to it adds.

Codes are drawn by ``synthetic_codes``. Each timing of the whole way, over HTTP and over gRPC, stands beside the one
SQL statement that it rests on, the same questions in turn on the same machine. Ingestion stands beside the bare
embedding of the same chunks. Writes its part of docs/benchmarks.md where ``--page`` names it.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from real_codes import real_codes
from search_corpus import build
from search_figures import Cost, cost, widths
from search_page import PART, section
from search_ways import ingestion, ways

from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate

SIZES = (1_000, 10_000, 100_000)


def measured(counts: Sequence[int], folder: Path | None, real: Path) -> str:
    """Every figure. The largest corpus stays in the folder where one is named."""
    costs: list[Cost] = []
    for size in counts:
        with tempfile.TemporaryDirectory(prefix="plotlot-bench-") as scratch:
            data = folder if folder and size == counts[-1] else Path(scratch)
            server = EmbeddedPostgres(data)
            conninfo = server.start()
            try:
                migrate(conninfo)
                corpus = asyncio.run(build(conninfo, size))
                costs.append(asyncio.run(cost(conninfo, corpus, size)))
                if size == counts[-1]:
                    found = asyncio.run(widths(conninfo, corpus))
                    travelled = ways(conninfo, data, corpus)
            finally:
                server.stop()
    return section(costs, found, travelled, ingestion(real))


def main() -> int:
    """Measure, print, and write the page where one is named."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of chunks, ascending")
    options.add_argument("--data", type=Path, help="folder to keep the largest corpus in")
    options.add_argument("--page", type=Path, help="the page whose part about search is written")
    given = options.parse_args()
    if given.page and not given.page.is_file():
        options.error(f"there is no page {given.page} whose part about search could be written")
    text = measured(given.sizes, given.data, real_codes())
    print(text)
    if given.page:
        PART.write(given.page, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
