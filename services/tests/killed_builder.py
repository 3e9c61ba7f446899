"""Builds a generation in a process that tests kill: it says that it embeds, and never comes to an end.

python killed_builder.py CONNINFO
"""

import asyncio
import sys

from plotlot.ingestion.building import build
from plotlot.store.pool import Database


class NeverEmbeds:
    """A model whose vectors nobody gets to see."""

    async def model(self) -> tuple[str, int]:
        """Its name and dimensions."""
        return "hashing", 8

    async def embed(self, texts: list[str], model: str = "") -> list[bytes]:
        """Never."""
        print("embeds", flush=True)
        await asyncio.Event().wait()
        raise AssertionError("nothing sets the event")


async def main(conninfo: str) -> None:
    """Build until killed."""
    database = Database(4)
    await database.open(conninfo)
    async for _ in build(database, NeverEmbeds(), []):
        pass


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
