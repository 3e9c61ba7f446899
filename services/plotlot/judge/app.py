"""The judge over HTTP, for those who ask for verdicts and those who have nothing else of PlotLot."""

from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from plotlot.domain.bundles import canonical, guardrails_from
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.domain.outcomes import Exposure, ExposureCount, Pair
from plotlot.domain.verdicts import Action
from plotlot.http.bodies import BodyMiddleware
from plotlot.http.problems import install_problems, problem_response
from plotlot.http.requests import NO_TELEMETRY, MeasuringMiddleware, metrics_response
from plotlot.http.security import SecurityMiddleware
from plotlot.judge.evidence import Figures
from plotlot.judge.judge import Judge
from plotlot.judge.questions import Answer, Question
from plotlot.judge.reading import DEFAULT_LIMIT, MOST
from plotlot.judge.releases import Registered
from plotlot.settings import Settings
from plotlot.telemetry import Metrics

MOST_BYTES = 16_000_000  # ten thousand pairs, of which people will read a line each
Limit = Annotated[int, Query(ge=1, le=MOST, description="At most so many.")]


class Body(BaseModel):
    """What every body shares: a field that is not known is refused, for it would have no effect."""

    model_config = ConfigDict(extra="forbid")


class VerdictRequest(Body):
    """Which bundles, and what is asked: shadow, canary or watch. Weights are percentages; a canary has both."""

    stable: str
    candidate: str
    stage: Literal["shadow", "canary", "watch"]
    weight: float | None = Field(default=None, ge=0, le=100)
    next_weight: float | None = Field(default=None, ge=0, le=100)
    guardrails: dict[str, Any] | None = None

    def question(self) -> Question:
        """What is asked. Raises InvalidRequest: a weight left out would be taken for the last one."""
        weights = {"weight": self.weight, "next_weight": self.next_weight}
        missing = [name for name, weight in weights.items() if weight is None]
        if self.stage == "canary" and missing:
            raise InvalidRequest(f"a canary has {' and '.join(missing)}, in percent", field=missing[0])
        return Question(
            stable=self.stable,
            candidate=self.candidate,
            stage=self.stage,
            weight=self.weight or 0.0,
            next_weight=self.next_weight or 0.0,
            guardrails=None if self.guardrails is None else guardrails_from(self.guardrails),
        )


class BundleRequest(Body):
    """A bundle's manifest: what decides its answers, and its guardrails."""

    manifest: dict[str, Any] = Field(default_factory=dict)


class PairsRequest(Body):
    """Answers of both bundles; ``lost`` are those that the sender had to give up."""

    pairs: list[Pair] = Field(default_factory=list)
    lost: int = Field(default=0, ge=0)
    report_id: str = ""


class ExposuresRequest(Body):
    """Answers that users got: those that failed or were slow one by one, and all of them counted."""

    exposures: list[Exposure] = Field(default_factory=list)
    counts: list[ExposureCount] = Field(default_factory=list)
    report_id: str = ""


class SteerRequest(Body):
    """A person's decision over the judge's, who it is, and why."""

    action: Action
    by: str = Field(min_length=1)
    why: str = ""


def create_app(judge: Judge, metrics: Metrics, settings: Settings) -> FastAPI:
    """The application over a judge."""
    app = FastAPI(
        title="PlotLot's judge",
        version=version("plotlot"),
        description="Whether a release goes on: promote, rollback or continue.",
        docs_url=None,
        redoc_url=None,
        telemetry=NO_TELEMETRY,
    )
    install_problems(app)
    app.add_middleware(BodyMiddleware, most_bytes=MOST_BYTES, by_path={})
    app.add_middleware(
        MeasuringMiddleware, metrics=metrics, deadline_seconds=settings.request_deadline_seconds
    )
    app.add_middleware(SecurityMiddleware)
    app.include_router(verdicts(judge))
    app.include_router(records(judge))
    app.include_router(reports(judge))
    app.include_router(operations(metrics))
    return app


def verdicts(judge: Judge) -> APIRouter:
    """The routes of verdicts."""
    routes = APIRouter(tags=["verdicts"])

    @routes.post("/v1/verdicts")
    async def decide(request: VerdictRequest) -> dict[str, Any]:
        """What a release does next: promote, rollback or continue; the first question opens it."""
        return answer_json(await judge.decider.decide(request.question()))

    @routes.post("/v1/releases/{release}/steer")
    async def steer(release: str, request: SteerRequest) -> dict[str, Any]:
        """Promote a release's stage or abort it by hand, or stop or start its shadow."""
        return asdict(await judge.steering.steer(release, request.action, request.by, request.why))

    return routes


def records(judge: Judge) -> APIRouter:
    """The routes by which answers are recorded."""
    routes = APIRouter(tags=["records"])

    @routes.put("/v1/bundles/{bundle}")
    async def register(bundle: str, request: BundleRequest) -> dict[str, Any]:
        """Make a bundle known; again changes nothing."""
        manifest = canonical(request.manifest).decode() if request.manifest else ""
        return bundle_json(await judge.registry.register(bundle, manifest))

    @routes.get("/v1/bundles/{bundle}")
    async def bundle(bundle: str) -> dict[str, Any]:
        """A bundle's manifest."""
        return bundle_json(await judge.registry.bundle(bundle))

    @routes.post("/v1/releases/{release}/pairs")
    async def pairs(release: str, request: PairsRequest) -> dict[str, int]:
        """Record answers of both bundles to the same questions; each counts once, however often it is sent."""
        recorded = await judge.recorder.pairs(release, request.pairs, request.lost, request.report_id)
        return {"recorded": recorded}

    @routes.post("/v1/releases/{release}/exposures")
    async def exposures(release: str, request: ExposuresRequest) -> dict[str, int]:
        """Record what users met while both bundles served them."""
        await judge.recorder.exposures(release, request.exposures, request.counts, request.report_id)
        return {"exposures": len(request.exposures), "counts": len(request.counts)}

    return routes


def reports(judge: Judge) -> APIRouter:
    """The routes by which people look at releases."""
    routes = APIRouter(tags=["releases"])

    @routes.get("/v1/releases")
    async def releases(limit: Limit = DEFAULT_LIMIT) -> dict[str, Any]:
        """Releases, the newest first."""
        return {"releases": [asdict(release) for release in await judge.reader.releases(limit)]}

    @routes.get("/v1/releases/{release}")
    async def release(release: str) -> dict[str, Any]:
        """One release: its evidence, how that grew, and its verdicts."""
        report = await judge.reader.release(release)
        return {
            **asdict(report.release),
            "evidence": [asdict(figures) for figures in report.evidence],
            "looks": [asdict(look) for look in report.looks],
            "verdicts": [asdict(given) for given in report.verdicts],
        }

    @routes.get("/v1/releases/{release}/pairs")
    async def pairs(release: str, limit: Limit = DEFAULT_LIMIT) -> dict[str, Any]:
        """Pairs that differ, those that count most against the candidate first."""
        return {"pairs": [asdict(pair) for pair in await judge.reader.pairs(release, limit)]}

    @routes.get("/v1/releases/{release}/harmed")
    async def harmed(release: str, limit: Limit = DEFAULT_LIMIT) -> dict[str, Any]:
        """Users' requests that the candidate failed or kept waiting, the newest first."""
        return {"harmed": [asdict(exposure) for exposure in await judge.reader.harmed(release, limit)]}

    return routes


def operations(metrics: Metrics) -> APIRouter:
    """The routes that operators ask."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/docs", include_in_schema=False)
    async def reference() -> RedirectResponse:
        return RedirectResponse("/openapi.json", 303)

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Whether the process lives."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz(request: Request) -> JSONResponse:
        """Whether it answers: also without its database, when it says continue and that it is degraded."""
        if getattr(request.app.state, "draining", False):
            return problem_response(ServiceUnavailable("this judge is about to stop; ask another"))
        return JSONResponse({"status": "ready"})

    @routes.get("/metrics")
    async def prometheus(request: Request) -> Response:
        """Prometheus metrics of this process."""
        return metrics_response(metrics, request.headers.get("accept", ""))

    return routes


def answer_json(answer: Answer) -> dict[str, Any]:
    """A verdict as Argo and people read it."""
    return {
        "verdict": answer.verdict,
        "reason": answer.reason,
        "evidence": evidence_json(answer.evidence),
        "release": answer.release,
        "degraded": answer.degraded,
    }


def bundle_json(kept: Registered) -> dict[str, Any]:
    """A bundle; its manifest is None where whoever registered it gave none."""
    return {"id": kept.id, "manifest": kept.values() or None, "registered_at": kept.registered_at}


def evidence_json(evidence: Sequence[Figures]) -> dict[str, Any]:
    """The figures of each guardrail, by its name."""
    return {figures.guardrail: asdict(figures) for figures in evidence}
