"""Nothing but the egress client asks servers that are not PlotLot's: whoever else speaks HTTP stands here with a reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

import plotlot

PACKAGE = Path(plotlot.__file__).parent
SPEAKERS = {
    "aiohttp", "ftplib", "h11", "http.client", "httpcore", "httpx", "requests", "smtplib", "urllib.request", "urllib3",
    "websockets", "xmlrpc.client",
}  # fmt: skip
CALLS = {"create_connection", "open_connection", "urlopen", "urlretrieve"}

OWN_GATEWAY = "asks a gateway of PlotLot that whoever runs it names"
ENGINE = "asks an engine that the operator names, in the cluster or beside it"
DRILL = "asks the cluster that a person breaks on purpose: its API server, its Prometheus, its door"
ALLOWED = {
    "egress/client.py": "the client itself",
    "egress/resolving.py": "the client's look-up of names",
    "cli/doctor.py": OWN_GATEWAY,
    "cli/drills.py": DRILL,
    "cli/session.py": OWN_GATEWAY,
    "client/client.py": OWN_GATEWAY,
    "client/sending.py": OWN_GATEWAY,
    "drills/alerts.py": DRILL,
    "drills/place.py": DRILL,
    "drills/probes.py": DRILL,
    "evaluation/stack.py": OWN_GATEWAY,
    "evaluation/injection/stand.py": OWN_GATEWAY,
    "gateway/delivery/candidate.py": OWN_GATEWAY,
    "evaluation/serving/targets.py": "measures engines and gateways that whoever runs it names",
    "inference/endpoint.py": ENGINE,
    "inference/exchanges.py": ENGINE,
    "inference/openai_embedder.py": ENGINE,
    "inference/openai_engine.py": ENGINE,
    "retrieval/rerank_server.py": ENGINE,
}


def test_nothing_else_opens_outgoing_http() -> None:
    speaking = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if SPEAKERS & set(imported(tree := ast.parse(path.read_text()))) or CALLS & set(called(tree))
    }
    assert speaking - ALLOWED.keys() == set(), "ask by plotlot.egress.client.EgressClient"
    assert ALLOWED.keys() - speaking == set(), "these speak no HTTP any more: take them off the list"


def imported(tree: ast.Module) -> Iterator[str]:
    """The modules that a module imports, anywhere in it, each with its parents."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def called(tree: ast.Module) -> Iterator[str]:
    """The last names of what a module calls."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
