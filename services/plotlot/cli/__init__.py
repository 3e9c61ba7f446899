"""The command line. Every command speaks REST to a gateway: a running one, or one of its own process."""

from plotlot.cli.main import main

__all__ = ["main"]
