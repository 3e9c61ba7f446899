"""Serves the engine without a model: `python evals/serve_fake_engine.py --token-ms 20`; prints its URL."""

import argparse
import asyncio

from plotlot.evaluation.serving.fake_engine import FakeEngine, Pace


async def serve(pace: Pace, port: int) -> None:
    """Serve until interrupted."""
    engine = FakeEngine(pace)
    print("listening", await engine.start(port), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Read the pace, and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--first-token-ms", type=float, default=50)
    parser.add_argument("--token-ms", type=float, default=20)
    parser.add_argument("--slots", type=int, default=1_000_000)
    options = parser.parse_args()
    pace = Pace(options.first_token_ms / 1000, options.token_ms / 1000, options.slots)
    asyncio.run(serve(pace, options.port))


if __name__ == "__main__":
    main()
