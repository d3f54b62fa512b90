"""A wrong orphan tracker, as the design that started this work has it: three faults that certification must find.

An expected CLOID protects an order only through its recorded OID. The instant at which an orphan was first seen survives a
period of protection. Instants older than ten graces are collected before the filter looks at them.
"""

import json
import sys


class Tracker:
    def __init__(self, config):
        self.grace = config["orphan_grace_period"]
        self.ttl = config["expected_cloid_ttl"]
        self.protection = config["finalized_protection_period"]
        self.expected = {}  # CLOID -> [registered at, OID or None]
        self.finalized = {}  # OID -> finalized at
        self.first_seen = {}  # OID -> when a sync first saw it as an orphan

    def register(self, step):
        for cloid in step["cloids"]:
            self.expected[cloid] = [step["t"], None]

    def record_oid(self, step):
        if step["cloid"] in self.expected:
            self.expected[step["cloid"]][1] = step["oid"]

    def finalize(self, step):
        self.expected.pop(step["cloid"], None)
        self.finalized[step["oid"]] = step["t"]

    def fail(self, step):
        self.expected.pop(step["cloid"], None)

    def clear(self, step):
        self.first_seen.pop(step["oid"], None)

    def cleanup(self, step):
        now = step["t"]
        self.expected = {c: entry for c, entry in self.expected.items() if now - entry[0] < self.ttl}
        self.finalized = {oid: at for oid, at in self.finalized.items() if now - at < self.protection}
        self.first_seen = {oid: at for oid, at in self.first_seen.items() if now - at < 10 * self.grace}

    def sync(self, step):
        if step["open"] is None:
            return []
        now = step["t"]
        self.cleanup(step)
        protected = {oid for _, oid in self.expected.values()} | self.finalized.keys()
        cancelled = []
        for oid in dict.fromkeys(row["oid"] for row in step["open"]):
            if oid in step["local"] or oid in protected:
                continue
            if now - self.first_seen.setdefault(oid, now) >= self.grace:
                cancelled.append(oid)
                del self.first_seen[oid]
        return cancelled


def run(request):
    tracker = Tracker(request["config"])
    results = []
    for step in request["steps"]:
        cancelled = getattr(tracker, step["event"])(step)
        results.append({"cancelled": cancelled} if step["event"] == "sync" else {})
    return {"id": request["id"], "ok": True, "results": results}


for line in sys.stdin:
    request = json.loads(line)
    about = {"name": "original-design", "language": "python", "version": "1"}
    reply = run(request) if request["op"] == "run" else {"ok": True, "implementation": about}
    print(json.dumps(reply), flush=True)
    if request["op"] == "stop":
        break
