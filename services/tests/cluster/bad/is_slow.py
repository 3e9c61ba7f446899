"""Extraction that takes so much longer that an analysis takes three times as long."""

import asyncio
import os
from typing import Any

from plotlot.extraction.servicer import ExtractionServicer

SECONDS = float(os.environ["FAULT_SECONDS"])
standards = ExtractionServicer.GetStandards


async def slowly(self: ExtractionServicer, *arguments: Any) -> Any:
    """The standards, late."""
    await asyncio.sleep(SECONDS)
    return await standards(self, *arguments)


ExtractionServicer.GetStandards = slowly  # type: ignore[method-assign]
