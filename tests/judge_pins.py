"""What the judge says, word by word, of lives that nobody would lead: pinned, so that a change is seen and has to be meant.

Two rules. The events are random and close together, so that every boundary is met from both sides, and outcomes are random
too, so that the judge has much to find. Whether what it says is right is for the other tests; here it must be the same.

    python tests/generate.py        writes judge-pins.txt anew
"""

import random
from collections.abc import Iterator
from copy import copy
from hashlib import sha256

from orphan_spec.constants import Constants, Environment
from orphan_spec.events import (
    NOT_STATED,
    Accept,
    Act,
    Cleanup,
    Clear,
    End,
    Event,
    Fail,
    Fill,
    Finalize,
    LearnEnd,
    Modify,
    OpenOrder,
    RecordOid,
    Register,
    Restart,
    Sync,
    Timeout,
)
from orphan_spec.findings import Caution, Finding, Violation
from orphan_spec.judge import Judge

LIVES, BLOCK, LENGTH, SHOWN = 120, 6, 60, 12
"""How many lives, how many of them are judged together, how many events each has, and of how many every finding is shown."""

WORLDS = (
    Environment(),
    Environment(observe="cloid"),
    Environment(observe="cloid", owned_cloid_prefix="c"),
    Environment(owned_cloid_prefix="c"),
)
CLOIDS, OIDS = ("c1", "c2", "d1"), ("1", "2", "3", "4")
OWN = {"1": "c1", "2": "c1", "3": "c2", "4": "d1"}
KINDS = ("sync",) * 8 + ("register",) * 4 + ("record", "finalize") * 3 + ("fail", "clear", "cleanup", "learn_end")
KINDS += ("end", "accept", "fill", "timeout", "modify", "restart", "act", "act", "act")


class Life:
    """A life from a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.constants = Constants(
            orphan_grace_period=self.rng.choice((1, 2, 3)),
            expected_cloid_ttl=self.rng.choice((2, 4, 6)),
            finalized_protection_period=self.rng.choice((1, 3, 5)),
        )
        self.world = WORLDS[seed % len(WORLDS)]
        self.own = self.rng.choice((0.5, 0.8, 0.95))
        self.tracked = self.rng.choice((0.05, 0.25))
        self.t = 0
        self.as_of = 0
        self.has_snapshot = False

    def events(self) -> Iterator[Event]:
        for _ in range(LENGTH):
            self.t += self.rng.choice((0, 0, 1, 1, 1, 2, 3))
            yield self.event(self.rng.choice(KINDS))

    def event(self, kind: str) -> Event:
        rng, t = self.rng, self.t
        oid = rng.choice(OIDS)
        cloid = OWN[oid] if rng.random() < self.own else rng.choice(CLOIDS)
        match kind:
            case "register":
                return Register(t, (cloid,) if rng.random() < 0.8 else CLOIDS)
            case "record":
                return RecordOid(t, cloid, oid)
            case "finalize":
                return Finalize(t, cloid, oid)
            case "fail":
                return Fail(t, cloid)
            case "timeout":
                return Timeout(t, cloid)
            case "modify":
                return Modify(t, cloid, oid)
            case "accept":
                return Accept(t, oid, cloid)
            case "end":
                return End(t, oid, "filled")
            case "act" if self.has_snapshot:
                return Act(t, self.some(0.2), self.some(0.3))
            case "cleanup":
                return Cleanup(t)
            case "restart":
                self.has_snapshot = False
                return Restart(t)
            case "clear" | "fill" | "learn_end":
                return {"clear": Clear, "fill": Fill, "learn_end": LearnEnd}[kind](t, oid)
            case _:
                return self.sync()

    def sync(self) -> Sync:
        rng, t = self.rng, self.t
        as_of = max(0, rng.choice((t, t, t, t - 1, t - 2, self.as_of, self.as_of - 1)))
        as_of = min(as_of, t)
        self.as_of = max(self.as_of, as_of)
        shown = None if rng.random() < 0.06 else tuple(self.order(oid) for oid in self.some(0.7))
        self.has_snapshot |= shown is not None and as_of >= self.as_of
        local, dropped = self.some(self.tracked), self.some(0.1)
        return Sync(t, as_of, shown, local, self.some(0.3), dropped, self.some(0.1))

    def order(self, oid: str) -> OpenOrder:
        if self.world.observe == "oid" and self.rng.random() < 0.9:
            return OpenOrder(oid)
        return OpenOrder(oid, self.rng.choice((OWN[oid],) * 5 + (NOT_STATED, None, *CLOIDS)))

    def some(self, share: float) -> tuple[str, ...]:
        return tuple(oid for oid in OIDS if self.rng.random() < share)


def said(life: Life) -> Iterator[tuple[int, str]]:
    """The findings, and the verdicts before each sync, each with the line at which the judge said it.

    Now and then a copy is judged on for one event that never happened, which the original must not notice."""
    judge = Judge(life.constants, life.world, life.rng.choice((None, None, 1, 3)))
    for line, event in enumerate(life.events(), 1):
        if life.rng.random() < 0.3:
            never = copy(life).event(life.rng.choice(("register", "record", "finalize", "fail", "sync", "sync")))
            yield from ((line, f"copy {told(finding)}") for finding in judge.copy().observe(never, 0))
        if isinstance(event, Sync):
            yield from ((line, f"verdict {verdict}") for verdict in judge.verdicts(event))
        yield from ((line, told(finding)) for finding in judge.observe(event, line))
        yield from ((line, f"suspicion {told(finding)}") for finding in judge.suspicions())
        yield line, f"holds {len(judge.memory)}"
    yield from ((LENGTH + 1, told(finding)) for finding in judge.finish())


def told(finding: Finding) -> str:
    """A finding in one line, with all that it carries."""
    if isinstance(finding, Violation):
        until = f", protected until {finding.protected_until}" if finding.protected_until is not None else ""
        where = f"{finding.guarantee} at {finding.t}, line {finding.line}, because of {finding.because_line}{until}"
    else:
        assert isinstance(finding, Caution)
        where = f"{finding.kind} at {finding.t}, line {finding.line}, because of {finding.because_line}"
    return f"{where}; OID {finding.oid}, CLOID {finding.cloid}: {finding.message}"


SILENT = ("verdict ", "suspicion ", "copy ", "holds ")
"""How the sayings begin that are no findings."""


def pin(seed: int) -> list[str]:
    """What is pinned of one life."""
    everything = list(said(Life(seed)))
    findings = [f"  {line}: {text}" for line, text in everything if not text.startswith(SILENT)]
    digest = sha256("\n".join(f"{line} {text}" for line, text in everything).encode()).hexdigest()[:16]
    first = f"life {seed}: {len(everything)} sayings, {len(findings)} of them findings, {digest}"
    return [first, *(findings if seed < SHOWN else [])]


def pins() -> str:
    """The text that is committed."""
    lines = ["What the judge says of random lives. Generated by `python tests/generate.py`; do not edit.", ""]
    return "\n".join([*lines, *(line for seed in range(LIVES) for line in pin(seed)), ""])
