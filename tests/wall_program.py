"""The reference behind a driver that reads its own clock: it waits for each step, and takes the instant from the clock.

python tests/wall_program.py [hasty]        hasty: half the grace
"""

import json
import sys
import time

from orphan_tracker import OrphanTrackerConfig
from orphan_tracker.driver import DURATIONS, EVENTS, Life

TOLERANCE = 40_000_000


def lived(request: dict, hasty: bool) -> list[object]:  # type: ignore[type-arg]
    config = {name: request["config"][name] for name in DURATIONS}
    if hasty:
        config["orphan_grace_period"] //= 2
    life, results, began = Life(OrphanTrackerConfig(**config)), [], time.monotonic_ns()
    for step in request["steps"]:
        while (elapsed := time.monotonic_ns() - began) < step["t"]:
            time.sleep((step["t"] - elapsed) / 1e9)
        lag = elapsed - step["t"]
        fields = step | {"t": elapsed} | ({"as_of": step["as_of"] + lag} if "as_of" in step else {})
        results.append(EVENTS[step["event"]](life, fields))
    return results


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "run":
            reply = {"id": request["id"], "ok": True, "results": lived(request, "hasty" in sys.argv)}
        else:
            about = {"name": "wall", "language": "python", "version": "1"}
            reply = {"ok": True, "implementation": about, "clock": "wall", "tolerance": TOLERANCE}
        print(json.dumps(reply), flush=True)
        if request["op"] == "stop":
            break


if __name__ == "__main__":
    main()
