"""Load by users who think: the scenarios and requests that the Go kit reads too, over REST, SSE and gRPC.

locust -f loadtest/locustfile.py --headless --scenario steady --host http://127.0.0.1:8080

Users who think wait for their answer, as people do. Those of a scenario without thinking ask when it is time, and latency
counts from then: a server which stands still shows in all that were due meanwhile.
"""

import json
import os
import random
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import gevent
import grpc.experimental.gevent
from locust import FastHttpUser, LoadTestShape, User, events, runners, tag, task
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from locust_run import Run, Workers
from outcomes import report_of
from scenarios import climbs, length_of, scenarios, users_at
from targets import RefusedTarget, refuse_outside

grpc.experimental.gevent.init_gevent()  # without it a call stops every user until it is answered
runners.HEARTBEAT_LIVENESS = 30  # seconds: a worker that is busy is not lost

EVENTS = "text/event-stream"
BY_HTTP, BY_GRPC = (
    9,
    1,
)  # users of each kind, where --grpc names an address; locust drops a weight of 0 for good
TAIL_SECONDS = 10.0  # that answers may take after the last request, at most
REPORT_SECONDS = (
    10.0  # within which workers, who tell every three, begin when told to and have told what is under way
)
KEY = "PLOTLOT_API_KEY"


@events.init_command_line_parser.add_listener
def add_arguments(parser: ArgumentParser) -> None:
    """Which scenario, hosts outside this machine that may be loaded, and where the figures go."""
    parser.add_argument(
        "--scenario", choices=sorted(scenarios()), default="steady", env_var="PLOTLOT_SCENARIO"
    )
    parser.add_argument(
        "--named", action="append", default=[], help="the host's name again, if it is outside"
    )
    parser.add_argument("--rate", type=float, default=0, help="arrivals a second, for the scenario's")
    parser.add_argument("--to", type=float, default=0, help="the rate that it climbs to, for the scenario's")
    parser.add_argument("--seconds", type=float, default=0, help="length, for the scenario's")
    parser.add_argument("--grpc", default="", help="the gateway's gRPC address, 127.0.0.1:50055")
    parser.add_argument(
        "--figures", default="", help="write the report there, as JSON; - prints it in one line"
    )


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Refuse a target outside, and share what users, workers and the judge of thresholds need."""
    options = environment.parsed_options
    try:
        for address in filter(None, (environment.host or "-", options.grpc and f"//{options.grpc}")):
            refuse_outside(address, options.named)
        environment.run = Run(options)
    except (RefusedTarget, ValueError) as error:
        raise SystemExit(f"loadtest: {error}") from error
    environment.workers = Workers()
    environment.stop_timeout = TAIL_SECONDS  # who goes at the end of a spike is answered first
    if not options.grpc:
        environment.user_classes = [each for each in environment.user_classes if each is not GrpcUser]

    def tell(client_id: str, data: dict[str, Any]) -> None:
        run = environment.run
        data |= {"over": run.over, "waiting": run.waiting, "outcomes": run.drained()}

    def hear(client_id: str, data: dict[str, Any]) -> None:
        environment.workers.take(environment.run, client_id, data)

    if isinstance(environment.runner, WorkerRunner):
        environment.events.report_to_master.add_listener(tell)
    if isinstance(environment.runner, MasterRunner):
        environment.events.worker_report.add_listener(hear)


@events.test_start.add_listener
def begin(environment: Environment, **_: Any) -> None:
    """Count from now."""
    runner, workers = environment.runner, environment.parsed_options.expect_workers
    together = isinstance(runner, WorkerRunner)
    environment.run.begin(runner.worker_index if together else 0, workers if together else 1)


class Stages(LoadTestShape):
    """As many users as arrive at the scenario's rates when answers are quick, and a while in which answers come in."""

    use_common_options = True
    users = 1

    def tick(self) -> tuple[int, float] | None:
        """Users and how many start a second; None at the end."""
        environment = self.runner.environment
        run, workers = environment.run, environment.workers
        tail = self.get_run_time() - length_of(run.scenario)
        if isinstance(self.runner, MasterRunner):
            over, most = (
                workers.over(environment.parsed_options.expect_workers),
                TAIL_SECONDS + REPORT_SECONDS,
            )
        else:
            over, most = run.over, TAIL_SECONDS
        if over or tail > most:
            return None
        self.users = users_at(run.scenario, self.get_run_time()) or self.users
        return self.users, self.users


class Turns(User):
    """A user who asks when it is time."""

    abstract = True
    due = 0.0

    @property
    def run_of_all(self) -> Run:
        """What the users of this process share."""
        run: Run = self.environment.run
        return run

    def on_start(self) -> None:
        """Begin in turn: users who begin together would ask together for ever."""
        self.due = self.run_of_all.first_due()
        gevent.sleep(self.run_of_all.pause(self.due))

    def wait_time(self) -> float:
        """Seconds until it asks again."""
        self.due = self.run_of_all.next_due(self.due)
        return self.run_of_all.pause(self.due)

    def on_stop(self) -> None:
        """Tell of what was due and not sent."""
        self.run_of_all.leave(self.run_of_all.next_due(self.due))


class PlotLotUser(Turns, FastHttpUser):
    """Somebody who asks the gateway by HTTP, a request of the mix at a time."""

    weight = BY_HTTP

    @task
    def ask(self) -> None:
        """One request, and whether its answer is one."""
        request = random.choice(self.run_of_all.mix)
        with self.run_of_all.asking(request["name"], self.due) as asked:
            asked.error = self.exchange(request, asked)

    def exchange(self, request: dict[str, Any], asked: Any) -> str:
        """What is wrong with the answer, or nothing."""
        streamed = request.get("accept") == EVENTS
        key = os.environ.get(KEY, "")
        headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {})
        with self.client.request(
            request["method"],
            request["path"],
            name=request["name"],
            headers=headers | ({"Accept": EVENTS} if streamed else {}),
            stream=streamed,
            catch_response=True,
            **({"json": random.choice(request["bodies"])} if "bodies" in request else {}),
        ) as answer:
            text = self.streamed(answer, asked) if streamed else answer.text or ""
            asked.ended = self.run_of_all.now()
            wrong = ""
            if not 200 <= answer.status_code < 300:
                wrong = f"status {answer.status_code}" if answer.status_code else "no answer"
            elif request["expect"] not in text:
                wrong = "unexpected answer"
            if wrong:
                answer.failure(wrong)
        return wrong

    def streamed(self, answer: Any, asked: Any) -> str:
        """The whole of a stream; the end of its first event is noted."""
        lines = []
        while answer.stream is not None and (line := answer.stream.readline(b"\n").decode()):
            lines.append(line)
            if not line.strip() and asked.first is None:
                asked.first = self.run_of_all.now()
        return "".join(lines)


class GrpcUser(Turns):
    """A program that calls the gateway by gRPC."""

    weight = BY_GRPC

    def on_start(self) -> None:
        """One channel, as a program keeps it."""
        from plotlot.api.gateway.v1.gateway_pb2_grpc import GatewayServiceStub

        key = os.environ.get(KEY, "")
        self.metadata = (("authorization", f"Bearer {key}"),) if key else ()
        self.channel = grpc.insecure_channel(self.environment.parsed_options.grpc)
        self.stub = GatewayServiceStub(self.channel)
        super().on_start()

    def on_stop(self) -> None:
        """Close it."""
        super().on_stop()
        self.channel.close()

    @tag("grpc")
    @task
    def standards(self) -> None:
        """The standards of a district."""
        from plotlot.api.gateway.v1.gateway_pb2 import GetStandardsRequest

        request = GetStandardsRequest(municipality="Larkfield, OH", district="R-1")
        with self.run_of_all.asking("grpc standards", self.due) as asked:
            asked.error = self.called(
                lambda: self.stub.GetStandards(request, metadata=self.metadata, timeout=30)
            )

    @tag("grpc")
    @task
    def analyze(self) -> None:
        """An analysis, whose stages come one by one."""
        from plotlot.api.gateway.v1.gateway_pb2 import AnalyzeRequest

        request = AnalyzeRequest(parcel_id="LK-003", municipality="Larkfield, OH")

        def call() -> None:
            for _ in self.stub.Analyze(request, metadata=self.metadata, timeout=30):
                asked.first = asked.first or self.run_of_all.now()

        with self.run_of_all.asking("grpc analyze", self.due) as asked:
            asked.error = self.called(call)

    def called(self, call: Any) -> str:
        """The status of a call that failed, or nothing."""
        try:
            call()
        except grpc.RpcError as error:
            return f"status {error.code().name}"
        return ""


@events.quitting.add_listener
def judge(environment: Environment, **_: Any) -> None:
    """Write the figures; the exit status is 1 where a threshold of the scenario was missed."""
    options = environment.parsed_options
    if isinstance(environment.runner, WorkerRunner) or options is None or not hasattr(environment, "run"):
        return
    run = environment.run
    last = max((each.due for each in run.outcomes), default=0.0)
    outcomes = [*run.outcomes, *environment.workers.lost(last)]
    thresholds = run.scenario["thresholds"]
    report = report_of(options.scenario, environment.host, outcomes, climbs(run.scenario), thresholds)
    if options.figures == "-":
        print("figures " + json.dumps(report), flush=True)
    elif options.figures:
        Path(options.figures).write_text(json.dumps(report, indent=2) + "\n")
    told = {name: round(report["all"]["latency"][name], 1) for name in ("p50_ms", "p95_ms", "p99_ms")}
    print(
        f"{report['all']['throughput_per_second']:.1f} answered a second, {told}, {report['all']['errors']}"
    )
    for words in report["missed"]:
        print(f"Missed: {words}.")
    environment.process_exit_code = 1 if report["missed"] else 0
