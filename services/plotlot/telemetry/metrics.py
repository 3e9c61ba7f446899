"""Every metric of a process."""

from prometheus_client import CollectorRegistry, ProcessCollector

from plotlot.telemetry.answers import AnswerMetrics
from plotlot.telemetry.backups import BackupMetrics
from plotlot.telemetry.causes import CauseMetrics
from plotlot.telemetry.content import ContentMetrics
from plotlot.telemetry.engines import EngineMetrics
from plotlot.telemetry.inference import InferenceMetrics
from plotlot.telemetry.judge import JudgeMetrics
from plotlot.telemetry.making import Making
from plotlot.telemetry.outside import OutsideMetrics
from plotlot.telemetry.pools import PoolMetrics
from plotlot.telemetry.questions import QuestionMetrics
from plotlot.telemetry.requests import RequestMetrics
from plotlot.telemetry.shadow import ShadowMetrics


class Metrics(
    RequestMetrics,
    AnswerMetrics,
    QuestionMetrics,
    ContentMetrics,
    PoolMetrics,
    CauseMetrics,
    OutsideMetrics,
    JudgeMetrics,
    ShadowMetrics,
    InferenceMetrics,
    EngineMetrics,
    BackupMetrics,
):
    """Every metric of one process, on a registry that the composition root hands in."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        ProcessCollector(registry=self.registry)  # CPU, memory and open files
        make = Making(self.registry)
        RequestMetrics.__init__(self, make)
        AnswerMetrics.__init__(self, make)
        QuestionMetrics.__init__(self, make)
        ContentMetrics.__init__(self, make)
        PoolMetrics.__init__(self, make)
        CauseMetrics.__init__(self, make)
        OutsideMetrics.__init__(self, make)
        JudgeMetrics.__init__(self, make)
        ShadowMetrics.__init__(self, make)
        InferenceMetrics.__init__(self, make)
        EngineMetrics.__init__(self, make)
        BackupMetrics.__init__(self, make)
