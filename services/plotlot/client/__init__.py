"""A client of the REST API for Python: ``from plotlot.client import Client``. Needs httpx and nothing else of PlotLot."""

from plotlot.client.client import Client
from plotlot.client.problems import Problem, Unreachable

__all__ = ["Client", "Problem", "Unreachable"]
