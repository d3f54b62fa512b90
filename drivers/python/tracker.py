"""An orphan tracker in Python, written from the specification alone, behind the certification protocol.

An order ages from the first snapshot that shows it unclaimed and unprotected. Whatever protects it takes that age away.
"""

import json
import sys


class Tracker:
    def __init__(self, config):
        self.grace = config["orphan_grace_period"]
        self.ttl = config["expected_cloid_ttl"]
        self.protection = config["finalized_protection_period"]
        self.prefix = config.get("owned_cloid_prefix")
        self.count = 0
        self.windows = {}  # CLOID -> [until, linked OIDs, count at registration]
        self.answered = {}  # OID -> end of the window that its first record opened
        self.finalized = {}  # OID -> [end of the window that its first finalize opened, count then]
        self.first_seen = {}  # OID -> as_of
        self.shown = {}  # CLOID -> candidates of the latest snapshot that bear it
        self.latest = -1  # as_of of the latest snapshot
        self.named = set()  # OIDs that a record or a finalize named

    def window(self, cloid, t):
        window = self.windows.get(cloid)
        if window is not None and window[0] <= t:
            del self.windows[cloid]
            return None
        return window

    def register(self, step):
        for cloid in step["cloids"]:
            self.count += 1
            window = self.window(cloid, step["t"])
            links = window[1] if window else set()
            self.windows[cloid] = [step["t"] + self.ttl, links, self.count]
            for oid in links | self.shown.get(cloid, set()):
                self.first_seen.pop(oid, None)

    def record_oid(self, step):
        t, oid = step["t"], step["oid"]
        self.named.add(oid)
        window = self.window(step["cloid"], t)
        if window:
            window[1].add(oid)
            self.first_seen.pop(oid, None)
        if oid not in self.answered:
            self.answered[oid] = t + self.protection
            self.first_seen.pop(oid, None)

    def finalize(self, step):
        t, oid = step["t"], step["oid"]
        self.named.add(oid)
        if oid not in self.finalized:
            self.count += 1
            self.finalized[oid] = [t + self.protection, self.count]
            self.first_seen.pop(oid, None)
        window = self.window(step["cloid"], t)
        if window and self.finalized[oid][1] > window[2]:
            del self.windows[step["cloid"]]

    def fail(self, step):
        window = self.window(step["cloid"], step["t"])
        if window and not window[1]:
            del self.windows[step["cloid"]]

    def clear(self, step):
        self.first_seen.pop(step["oid"], None)

    def cleanup(self, step):
        pass

    def foreign(self, oid, cloids, stated):
        if self.prefix is None or not stated or oid in self.named:
            return False
        return not any(cloid.startswith(self.prefix) for cloid in cloids)

    def sync(self, step):
        t, as_of = step["t"], step.get("as_of", step["t"])
        if step["open"] is None or as_of < self.latest:
            return []
        self.latest = as_of
        self.windows = {cloid: window for cloid, window in self.windows.items() if t < window[0]}
        local, orders, stated = set(step["local"]), {}, set()
        for row in step["open"]:
            if row["oid"] not in local:
                cloids = orders.setdefault(row["oid"], [])
                if "cloid" in row:
                    stated.add(row["oid"])
                if row.get("cloid") is not None:
                    cloids.append(row["cloid"])
        linked = {oid for _, links, _ in self.windows.values() for oid in links}
        self.shown, cancelled = {}, []
        for oid, cloids in orders.items():
            for cloid in cloids:
                self.shown.setdefault(cloid, set()).add(oid)
                if cloid in self.windows:
                    self.windows[cloid][1].add(oid)
                    linked.add(oid)
            heard = max(self.answered.get(oid, -1), self.finalized.get(oid, [-1])[0])
            if t < heard or oid in linked:
                self.first_seen.pop(oid, None)
            elif self.foreign(oid, cloids, oid in stated):
                continue
            elif as_of - self.first_seen.setdefault(oid, as_of) >= self.grace:
                cancelled.append(oid)
        kept = orders.keys() - set(cancelled)
        self.first_seen = {oid: since for oid, since in self.first_seen.items() if oid in kept}
        self.forget(t, orders.keys() | linked)
        return cancelled

    def forget(self, t, needed):
        for oid in self.named - needed:
            if max(self.answered.get(oid, -1), self.finalized.get(oid, [-1])[0]) <= t:
                self.answered.pop(oid, None)
                self.finalized.pop(oid, None)
                self.named.discard(oid)


def run(request):
    tracker = Tracker(request["config"])
    results = []
    for step in request["steps"]:
        cancelled = getattr(tracker, step["event"])(step)
        results.append({"cancelled": cancelled} if step["event"] == "sync" else {})
    return {"id": request["id"], "ok": True, "results": results}


for line in sys.stdin:
    request = json.loads(line)
    about = {"name": "from-the-specification", "language": "python", "version": "1"}
    reply = run(request) if request["op"] == "run" else {"ok": True, "implementation": about}
    print(json.dumps(reply), flush=True)
    if request["op"] == "stop":
        break
