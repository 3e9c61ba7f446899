"""What REST has besides answers, put together: jobs, keys, feedback, the cache of answers, and limits."""

import asyncio
import logging
import secrets
import time
from dataclasses import dataclass

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.bundles import Bundle
from plotlot.domain.errors import StoreUnavailable
from plotlot.gateway.analysis import Analyst
from plotlot.gateway.caching.answers import AnswerCache
from plotlot.gateway.caching.content import ContentState
from plotlot.gateway.clients import Clients
from plotlot.gateway.delivery.delivery import Delivery
from plotlot.gateway.feedback.store import FeedbackStore
from plotlot.gateway.idempotency.store import Keys
from plotlot.gateway.jobs.batch import KIND, BatchAnalysis
from plotlot.gateway.jobs.building import DOCUMENT, GENERATION, Building
from plotlot.gateway.jobs.queue import Queue
from plotlot.gateway.jobs.store import Jobs
from plotlot.gateway.jobs.watch import JobWatch
from plotlot.gateway.jobs.worker import Work, Worker
from plotlot.gateway.limits.buckets import Buckets, MemoryBuckets, RedisBuckets
from plotlot.gateway.limits.middleware import Quotas
from plotlot.rpc.context import RequestContext, current_request
from plotlot.settings import Settings
from plotlot.store.cache import Cache, open_cache, open_redis
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

CACHED_ANSWERS = 512  # in memory: a report is up to some 100 kB
UPKEEP_SECONDS = 600.0
BUILDERS_AWAY_SECONDS = (
    600.0  # of ingestion, before what is to be built fails; who sent it went away long ago
)


@dataclass(frozen=True, slots=True)
class Rest:
    """The parts, each of which the routes are handed."""

    database: Database
    jobs: Jobs
    worker: Worker
    builder: Worker
    watch: JobWatch
    batches: Queue
    queue: Queue
    keys: Keys
    feedback: FeedbackStore
    content: ContentState
    answers: AnswerCache
    buckets: Buckets
    quotas: Quotas
    cache: Cache

    async def upkeep(self) -> None:
        """Forget what is old, now and then, for ever."""
        current_request.set(RequestContext("upkeep", "", tenant=EVERY_TENANT))
        while True:
            await asyncio.sleep(UPKEEP_SECONDS)
            try:
                await self.keys.prune()
                await self.jobs.prune()
                await self.content.fold()
            except StoreUnavailable:
                continue  # readiness says so
            except Exception:
                log.exception("what is old could not be forgotten")

    async def close(self) -> None:
        """Let go of connections."""
        await self.cache.close()
        await self.buckets.close()


def rest_of(
    database: Database,
    clients: Clients,
    analyst: Analyst,
    delivery: Delivery,
    bundle: Bundle,
    settings: Settings,
    metrics: Metrics,
) -> Rest:
    """The parts on a database, with the cache and the counters of the settings."""
    jobs, content = Jobs(database), ContentState(database)
    cache = open_cache(settings, metrics, CACHED_ANSWERS)
    batches = {KIND: Work(BatchAnalysis(analyst).answer, settings.request_deadline_seconds)}
    building, longest = Building(clients, jobs), settings.ingest_deadline_seconds
    builds = {
        DOCUMENT: Work(building.ingest, longest, whole=True, waits_seconds=BUILDERS_AWAY_SECONDS),
        GENERATION: Work(building.build, longest, whole=True, waits_seconds=BUILDERS_AWAY_SECONDS),
    }
    holder = f"worker-{secrets.token_hex(8)}"
    # Two, so that neither a batch of thousands nor a document of a thousand pages keeps the other waiting.
    worker, builder = (Worker(jobs, content, bundle, work, holder) for work in (batches, builds))
    buckets = buckets_of(settings, metrics)
    units = {"client": settings.client_units_per_minute, "tenant": settings.tenant_units_per_minute}

    def rests() -> bool:
        return not settings.answer_cache or bool(delivery.plan.current().release)

    return Rest(
        database=database,
        jobs=jobs,
        worker=worker,
        builder=builder,
        watch=JobWatch(database, (*batches, *builds), metrics, time.monotonic),
        batches=Queue(jobs, worker, bundle.id),
        queue=Queue(jobs, builder, bundle.id),
        keys=Keys(database),
        feedback=FeedbackStore(database, metrics),
        content=content,
        answers=AnswerCache(cache, content, bundle.id, metrics, rests),
        buckets=buckets,
        quotas=Quotas(buckets, units, metrics),
        cache=cache,
    )


def buckets_of(settings: Settings, metrics: Metrics) -> Buckets:
    """The counters of the settings' Redis, else those of this process."""
    client = open_redis(settings)
    return MemoryBuckets() if client is None else RedisBuckets(client, metrics, MemoryBuckets())
