"""Load by users who think: the scenarios and requests that the Go kit reads too, over REST, SSE and gRPC.

locust -f loadtest/locustfile.py --headless --scenario steady --host http://127.0.0.1:8080
"""

import ipaddress
import os
import random
import socket
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import gevent
import grpc.experimental.gevent
import yaml
from locust import FastHttpUser, LoadTestShape, User, between, events, tag, task
from locust.env import Environment
from locust.runners import WorkerRunner

grpc.experimental.gevent.init_gevent()

HERE = Path(__file__).parent
SCENARIOS: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "scenarios.yaml").read_text())
REQUESTS: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "requests.yaml").read_text())
EVENTS = "text/event-stream"
GRPC_SHARE = 10  # of as many users one calls the gateway by gRPC, where --grpc names it


@events.init_command_line_parser.add_listener
def add_arguments(parser: ArgumentParser) -> None:
    """Which scenario, and hosts outside this machine that may be loaded."""
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="steady", env_var="PLOTLOT_SCENARIO")
    parser.add_argument(
        "--named", action="append", default=[], help="the host's name again, if it is outside"
    )
    parser.add_argument("--rate", type=float, default=0, help="arrivals a second, for the scenario's")
    parser.add_argument("--seconds", type=float, default=0, help="length, for the scenario's")
    parser.add_argument("--grpc", default="", help="the gateway's gRPC address, 127.0.0.1:50051")


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Refuse a target outside, and give the users what their scenario asks."""
    options = environment.parsed_options
    for address in filter(None, (environment.host, f"//{options.grpc}" if options.grpc else "")):
        refuse_outside(urlsplit(address).hostname or "", options.named)
    scenario = scenario_of(options)
    thinks = [float(each) for each in scenario["think_seconds"]]
    for user in (PlotLotUser, GrpcUser):
        user.wait_time = between(*thinks) if max(thinks) else until_due
    PlotLotUser.mix = [
        REQUESTS[name] | {"name": name} for name, times in scenario["mix"].items() for _ in range(times)
    ]
    GrpcUser.weight = 1 if options.grpc else 0
    PlotLotUser.weight = GRPC_SHARE - GrpcUser.weight


def refuse_outside(host: str, named: list[str]) -> None:
    """Raises SystemExit for a host that is neither this machine nor a service of its cluster, and not named twice."""
    if host in named or host.endswith((".svc", ".svc.cluster.local")):
        return
    for *_, address in socket.getaddrinfo(host, None):
        if not ipaddress.ip_address(address[0]).is_loopback:
            raise SystemExit(
                f"{host} ({address[0]}) is neither this machine nor a service of its cluster:"
                f" if it is yours and may be loaded, name it again with --named {host}"
            )


def scenario_of(options: Any) -> dict[str, Any]:
    """The scenario, with a rate and a length of the command line in the place of its own."""
    scenario = dict(SCENARIOS[options.scenario])
    if options.rate or options.seconds:
        stage = scenario["stages"][0]
        scenario["stages"] = [
            {"rate": options.rate or stage["rate"], "seconds": options.seconds or stage["seconds"]}
        ]
    return scenario


def until_due(user: Any) -> float:
    """Seconds until a user who asks once a second, however long answers take, asks again. locust's own pacing counts
    from when users were made, and so brings those made together back together."""
    now = time.perf_counter()
    user.due = max(getattr(user, "due", now) + 1.0, now)
    return user.due - now


def pause_of(scenario: dict[str, Any]) -> float:
    """Seconds from one request of a user to the next, where answers take none."""
    return sum(scenario["think_seconds"]) / 2 or 1.0


class Stages(LoadTestShape):
    """As many users as arrive at the scenario's rates when answers are quick: each asks once in its time to think."""

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        """Users and how many start a second; None at the end."""
        scenario = scenario_of(self.runner.environment.parsed_options)
        pause = pause_of(scenario)
        passed = self.get_run_time()
        for stage in scenario["stages"]:
            if passed < stage["seconds"]:
                climbed = (stage.get("to", stage["rate"]) - stage["rate"]) * passed / stage["seconds"]
                users = max(round((stage["rate"] + climbed) * pause), 1)
                return users, users
            passed -= stage["seconds"]
        return None


class PlotLotUser(FastHttpUser):
    """Somebody who asks the gateway by HTTP, a request of the mix at a time."""

    mix: ClassVar[list[dict[str, Any]]] = []
    weight = GRPC_SHARE

    def on_start(self) -> None:
        """Whoever asks with a key, brings it; users who begin together do not ask together for ever."""
        gevent.sleep(random.random() * pause_of(scenario_of(self.environment.parsed_options)))
        self.due = time.perf_counter()
        key = os.environ.get("PLOTLOT_API_KEY", "")
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    @task
    def ask(self) -> None:
        """One request, and whether its answer is one."""
        request = random.choice(self.mix)
        sent = {"json": random.choice(request["bodies"])} if "bodies" in request else {}
        streamed = request.get("accept") == EVENTS
        headers = self.headers | ({"Accept": EVENTS} if streamed else {})
        began = time.perf_counter()
        with self.client.request(
            request["method"],
            request["path"],
            name=request["name"],
            headers=headers,
            stream=streamed,
            catch_response=True,
            **sent,
        ) as answer:
            text = "".join(self.streamed(answer, request["name"], began)) if streamed else answer.text or ""
            if not 200 <= answer.status_code < 300:
                answer.failure(f"status {answer.status_code}" if answer.status_code else "no answer")
            elif request["expect"] not in text:
                answer.failure("unexpected answer")

    def streamed(self, answer: Any, name: str, began: float) -> Iterator[str]:
        """The lines of a stream; the end of its first event is told by its own name."""
        told = False
        if answer.stream is None:  # nobody answered
            return
        while line := answer.stream.readline(b"\n").decode():
            if not line.strip() and not told:
                told = True
                self.environment.events.request.fire(
                    request_type="SSE",
                    name=f"{name}, first event",
                    response_time=(time.perf_counter() - began) * 1000,
                    response_length=0,
                    exception=None,
                    context={},
                )
            yield line
        answer.request_meta["response_time"] = (
            time.perf_counter() - began
        ) * 1000  # locust's ends at the head


class GrpcUser(User):
    """A program that calls the gateway by gRPC."""

    weight = 0

    def on_start(self) -> None:
        """One channel, as a program keeps it."""
        from plotlot.api.gateway.v1.gateway_pb2_grpc import GatewayServiceStub

        self.channel = grpc.insecure_channel(self.environment.parsed_options.grpc)
        self.stub = GatewayServiceStub(self.channel)

    def on_stop(self) -> None:
        """Close it."""
        self.channel.close()

    @tag("grpc")
    @task
    def standards(self) -> None:
        """The standards of a district."""
        from plotlot.api.gateway.v1.gateway_pb2 import GetStandardsRequest

        request = GetStandardsRequest(municipality="Larkfield, OH", district="R-1")
        began, failed = time.perf_counter(), None
        try:
            self.stub.GetStandards(request, timeout=30)
        except grpc.RpcError as error:
            failed = error
        self.environment.events.request.fire(
            request_type="gRPC",
            name="standards",
            response_time=(time.perf_counter() - began) * 1000,
            response_length=0,
            exception=failed,
            context={},
        )


@events.quitting.add_listener
def judge(environment: Environment, **_: Any) -> None:
    """The exit status: 1 where a threshold of the scenario was missed."""
    if isinstance(environment.runner, WorkerRunner) or environment.parsed_options is None:
        return
    thresholds = SCENARIOS[environment.parsed_options.scenario]["thresholds"]
    total = environment.stats.total
    missed = [
        f"{name} is {total.get_response_time_percentile(share):.0f} ms, and may be {thresholds[name]}"
        for name, share in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99))
        if name in thresholds and total.get_response_time_percentile(share) > thresholds[name]
    ]
    if total.fail_ratio > thresholds.get("errors", 1):
        missed.append(f"errors is {total.fail_ratio:.4f}, and may be {thresholds['errors']}")
    if not total.num_requests:
        missed.append("no request was sent")
    for words in missed:
        print(f"Missed: {words}.")
    if missed:
        environment.process_exit_code = 1
