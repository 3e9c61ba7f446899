"""The judge, put together over a database: what both its gRPC and its HTTP call."""

from plotlot.judge.deciding import Decider
from plotlot.judge.plans import Planner
from plotlot.judge.reading import Reader
from plotlot.judge.recording import Recorder
from plotlot.judge.registry import Registry
from plotlot.judge.steering import Steering
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics


class Judge:
    """Each part does one thing: bundles, plans, records, verdicts, what people read, and what they decide."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self.database = database
        self.metrics = metrics
        self.registry = Registry(database)
        self.planner = Planner(database)
        self.recorder = Recorder(database, metrics)
        self.decider = Decider(database, metrics)
        self.reader = Reader(database)
        self.steering = Steering(database)
