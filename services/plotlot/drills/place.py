"""Where a drill is held: a namespace of a cluster that somebody named, and its objects as they were before."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from string import Template
from typing import Any

import httpx

from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.drills.shell import run_script

LABEL = "plotlot.dev/drills"  # of a namespace: `allowed` lets drills in, `never` keeps them out
KUBECTL_SECONDS = 60.0
PARTS = ("spec", "data")
RESTARTED = "kubectl.kubernetes.io/restartedAt"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A release in a namespace of the current context."""

    context: str
    namespace: str
    release: str

    @property
    def names(self) -> Mapping[str, str]:
        """The variables of drills and runbooks."""
        return {"NAMESPACE": self.namespace, "RELEASE": self.release}

    async def kubectl(self, *arguments: str, stdin: str = "") -> str:
        """What kubectl says in the namespace. Raises ServiceUnavailable with its words where it fails."""
        return await kubectl("-n", self.namespace, *arguments, stdin=stdin)


async def kubectl(*arguments: str, stdin: str = "") -> str:
    """What kubectl says. Raises ServiceUnavailable with its words where it fails, or is not there."""
    try:
        process = await asyncio.create_subprocess_exec(
            *("kubectl", *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise ServiceUnavailable(
            "kubectl is not here: install it, and point KUBECONFIG at a cluster"
        ) from None
    try:
        async with asyncio.timeout(KUBECTL_SECONDS):
            output, complaint = await process.communicate(stdin.encode())
    except TimeoutError:
        raise ServiceUnavailable(f"kubectl {arguments[-1]} gave no answer in {KUBECTL_SECONDS:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ServiceUnavailable(f"kubectl: {complaint.decode(errors='replace').strip()}")
    return output.decode()


async def find_place(namespace: str, release: str, context: str) -> Place:
    """The place of a drill. Raises InvalidRequest where nobody said that this cluster may be broken."""
    current = (await kubectl("config", "current-context")).strip()
    found = json.loads(await kubectl("get", "namespace", namespace, "-o", "json"))
    refuse_unnamed(current, context, namespace, found["metadata"].get("labels", {}).get(LABEL, ""))
    return Place(current, namespace, release)


def refuse_unnamed(current: str, named: str, namespace: str, label: str) -> None:
    """Raise InvalidRequest unless the cluster was named, or the namespace is there to be broken."""
    if label == "never":
        raise InvalidRequest(
            f"the namespace {namespace} of {current} says {LABEL}=never: no drill is held in it"
        )
    if named and named != current:
        raise InvalidRequest(
            f"the current context is {current}, not {named}: kubectl config use-context {named}, or name {current}"
        )
    if not named and label != "allowed":
        raise InvalidRequest(
            f"a drill would break the namespace {namespace} of the context {current}: say --context {current} where that is"
            f" meant, or once and for all: kubectl label namespace {namespace} {LABEL}=allowed"
        )


async def kept(place: Place, objects: Sequence[str]) -> dict[str, Json]:
    """The specification and data of objects, to be put back; those that are not there are left out."""
    found: dict[str, Json] = {}
    for name in (Template(each).substitute(place.names) for each in objects):
        text = await place.kubectl("get", name, "-o", "json", "--ignore-not-found")
        if text:
            item = json.loads(text)
            found[name] = {part: item[part] for part in PARTS if part in item}
    return found


async def put_back(place: Place, before: Mapping[str, Json]) -> list[str]:
    """Give objects back what they had; the names of those that had changed. Raises ServiceUnavailable."""
    changed = []
    for name, parts in before.items():
        now = json.loads(await place.kubectl("get", name, "-o", "json"))
        patch = [
            {"op": "replace", "path": f"/{part}", "value": value}
            for part, value in parts.items()
            if without_restarts(now.get(part)) != without_restarts(value)
        ]
        if patch:
            await place.kubectl("patch", name, "--type=json", "-p", json.dumps(patch))
            changed.append(name)
    return changed


def without_restarts(part: Any) -> Any:
    """The same without the mark of `kubectl rollout restart`, which is no reason to restart once more."""
    if not isinstance(part, dict):
        return part
    inner = {key: without_restarts(value) for key, value in part.items() if key != RESTARTED}
    return {key: value for key, value in inner.items() if (key, value) != ("annotations", {})}


@asynccontextmanager
async def api_server() -> AsyncIterator[str]:
    """The URL of a `kubectl proxy`, by which services of the cluster are in reach from anywhere."""
    process = await asyncio.create_subprocess_exec(
        *("kubectl", "proxy", "--port=0"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        if ":" not in line:
            raise ServiceUnavailable("kubectl proxy does not start")
        yield f"http://127.0.0.1:{line.rpartition(':')[2].strip()}"
    finally:
        process.terminate()
        await process.wait()


async def door(place: Place, api_server: str, client: httpx.AsyncClient) -> str:
    """The URL of the release's Gateway; past it, through the API server, where its address is not in reach from here."""
    gateway = await place.kubectl("get", "gateway", place.release, "-o", "json", "--ignore-not-found")
    addresses = json.loads(gateway)["status"].get("addresses", []) if gateway else []
    past = f"{api_server}/api/v1/namespaces/{place.namespace}/services/{place.release}:80/proxy"
    for url in (*(f"http://{each['value']}" for each in addresses), past):
        with suppress(httpx.HTTPError):
            if (await client.get(f"{url}/healthz")).status_code == 200:
                return url
    raise ServiceUnavailable(f"the gateway of {place.release} does not answer: give its address with --url")


async def has(place: Place, needs: str) -> bool:
    """Whether the release has what a drill breaks."""
    return not needs or (await run_script(needs, place.names, KUBECTL_SECONDS)).status == 0
