"""Where real codes and checked values lie, for what is measured on them."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def real_codes() -> Path:
    """The folder of PLOTLOT_DATA, or shared/data beside the checkout; it may not be there."""
    return Path(os.environ.get("PLOTLOT_DATA") or ROOT.parent / "shared" / "data")
