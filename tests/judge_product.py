"""The judge beside the machine's law, over every state that the two can reach together, whatever a tracker cancels.

Two rules. The machine gives the law and what the exact tracker would do; the cancels are arbitrary: at every sync that lists
the order both outcomes are tried. And what must be reported is read off the machine's claims, never off the judge.

The world is free: every operation at every time, and every listing at every sync, but one sync at most an instant
(consecutive syncs have time between them), each of a snapshot taken at that instant. When time passes, the log says
something about another order, so that the judge hears of it.

The judge demands less than the machine's law in a few places, because the design says so: of windows that repeated news
opened, of links that were made while nothing was demanded, and of ages that only those broke. `Past` holds the instants of
this shorter reading; the claims are evaluated with them put in, and what they forbid then, the machine's own law must
forbid too. It also holds what no state of one order can know: a cancel may be repeated, an unanswered order is found out
when its answer comes, and what a link may overrule is held back until the horizon has passed.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from orphan_proofs.compiled import LocalState, compile_machine
from orphan_spec.automaton import Action
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import NOT_STATED, Cleanup, Clear, Event, Fail, Finalize, OpenOrder, RecordOid, Register, Sync
from orphan_spec.fields import ABSENT, CLOID, LISTED, NO, RESTING, TRACKED, UNTRACKED
from orphan_spec.findings import Finding, Violation
from orphan_spec.judge import Judge
from orphan_spec.machine import MACHINE
from orphan_spec.properties import CLAIMS, Claim
from orphan_spec.terms import holds

PRECEDENCE: Final = ("S5", "S1", "S2", "S3", "S4")
"""Which guarantee a cancel is said to violate, where it violates several."""

FREE: Final = {
    "shown": (LISTED.code, UNTRACKED.code),
    "shown, tracked": (LISTED.code, TRACKED.code),
    "absent": (ABSENT.code, UNTRACKED.code),
    "absent, tracked": (ABSENT.code, TRACKED.code),
}
"""How a sync may meet the order: what the snapshot says, and what the local book says."""

HEARD: Final = ("REGISTER", "RECORD_OID", "FINALIZE", "FAIL", "CLEAR", "CLEANUP")

LIMIT: Final = 3_000_000


class MisjudgedError(AssertionError):
    """Judge and law differ; the message is the shortest run and what differs."""


class Report(NamedTuple):
    """A violation as the product knows it: which, and how long ago the cancel was."""

    guarantee: str
    age: int


NEVER: Final = -(1 << 30)
"""An instant so long ago that it is over in every sense."""


class Past(NamedTuple):
    """What the judge may speak about; instants are relative to now."""

    recorded_until: int | None = None
    """End of the window that the first acknowledgement ever opened; None before it."""

    finalized_until: int | None = None

    linked: bool = False
    """The OID was recorded while its CLOID was expected, and that has not ended early since."""

    age: int | None = None
    """How long it has been an orphan, from the first snapshot that showed it as one; None where it is none."""

    retried: bool = False
    """It was cancelled, and may be cancelled again: nothing protected it since, and every sync showed it untracked."""

    forgiven: bool = False
    """The same, but that what protected it at the cancel may have run out since."""

    in_flight: tuple[int, ...] = ()
    """How long ago it was cancelled while its CLOID was expected and nothing linked it to that."""

    held_back: tuple[Report, ...] = ()
    """What is to be reported unless a link comes."""

    synced: bool = False
    """There was a sync at this instant."""


class Heard(NamedTuple):
    """What the judge says to one event, relative to now, and where that leads."""

    target: int
    certain: tuple[Report, ...]
    suspected: tuple[Report, ...]


class Bench:
    """The real judge: its states by number, each held by the first judge that reached it."""

    def __init__(self, constants: Mapping[str, int], horizon: int | None) -> None:
        sighted = constants["observe"] == CLOID.code
        judge = Judge(
            Constants(constants["grace"], constants["ttl"], constants["protection"]),
            Environment(observe="cloid" if sighted else "oid", snapshot_age_max=0),
            horizon,
        )
        self.horizon = judge.horizon
        self._cloid = "c" if sighted else NOT_STATED
        self._codes: dict[Hashable, int] = {}
        self._held: list[tuple[Judge, int]] = []
        self._answers: dict[tuple[int, str, bool], Heard] = {}
        self._code(judge, 0)

    def __len__(self) -> int:
        return len(self._held)

    def _code(self, judge: Judge, now: int) -> int:
        code = self._codes.setdefault(judge.normal_form(now), len(self._held))
        if code == len(self._held):
            self._held.append((judge, now))
        return code

    def told(self, code: int, name: str, cancelled: bool = False) -> Heard:
        """What the judge says to an event in a state."""
        known = self._answers.get((code, name, cancelled))
        if known is None:
            known = self._answers[code, name, cancelled] = self._tell(code, name, cancelled)
        return known

    def _tell(self, code: int, name: str, cancelled: bool) -> Heard:
        judge, now = self._held[code]
        now += name == "PASS_TIME"
        twin = judge.copy()
        certain = twin.observe(self._event(name, now, cancelled))
        return Heard(self._code(twin, now), _reports(certain, now), _reports(twin.suspicions(), now))

    def _event(self, name: str, now: int, cancelled: bool) -> Event:
        match name:
            case "REGISTER":
                return Register(now, ("c",))
            case "RECORD_OID":
                return RecordOid(now, "c", "7")
            case "FINALIZE":
                return Finalize(now, "c", "7")
            case "FAIL":
                return Fail(now, "c")
            case "CLEAR":
                return Clear(now, "7")
            case "CLEANUP":
                return Cleanup(now)
            case "PASS_TIME":
                return Clear(now, "8")
        shown = (OpenOrder("7", self._cloid),) if "shown" in name else ()
        return Sync(now, now, shown, ("7",) if "tracked" in name else (), ("7",) if cancelled else ())


def _reports(findings: tuple[Finding, ...] | list[Finding], now: int) -> tuple[Report, ...]:
    return tuple(sorted(Report(one.guarantee, now - one.t) for one in findings if isinstance(one, Violation)))


class Step(NamedTuple):
    """One step of the machine: where from, where to."""

    action: Action
    before: dict[str, int]
    after: dict[str, int]
    target: LocalState
    met: str
    """How a sync meets the order."""


class Law:
    """One order of the machine, in a free world, with all its law."""

    def __init__(self, constants: Mapping[str, int]) -> None:
        self.sighted = constants["observe"] == CLOID.code
        self.grace = constants["grace"]
        self.claims = [claim for claim in CLAIMS if claim.guarantee.id in PRECEDENCE and self._concerns(claim)]
        asked = [cube for claim in self.claims for _, cube in claim.nevers]
        self._constants = {**constants, "latency": 0, "age": 0}
        self._compiled = compile_machine(MACHINE, self._constants, asked)
        self._fields = [field.name for field in self._compiled.fields]
        self._known: dict[LocalState, list[Step]] = {}
        self.start = self._at_rest(self._compiled.start)

    def _concerns(self, claim: Claim) -> bool:
        return not claim.given and claim.variant in ("", "after protection", "cloid" if self.sighted else "")

    def _with(self, state: LocalState, values: Mapping[str, int]) -> LocalState:
        return tuple(values.get(name, value) for name, value in zip(self._fields, state, strict=True))

    def _at_rest(self, state: LocalState) -> LocalState:
        return self._with(state, {"exchange": RESTING.code, "book": UNTRACKED.code, "awaited": NO.code})

    def steps(self, state: LocalState) -> list[Step]:
        """Everything that can happen, syncs in every way."""
        known = self._known.get(state)
        if known is None:
            known = self._known[state] = list(self._steps(state))
        return known

    def _steps(self, state: LocalState) -> Iterator[Step]:
        for met, (shown, book) in {"": (-1, UNTRACKED.code), **FREE}.items():
            world = self._with(state, {"book": book})
            before = self._named(world)
            for number, later in self._compiled.steps(world):
                action, inputs = self._compiled.moves[number].action, self._compiled.moves[number].inputs
                wanted = action.event.name == "SYNC" if met else action.event.name in (*HEARD, "PASS_TIME")
                if wanted and inputs.get("shown", shown) == shown:
                    yield Step(action, before, self._named(later), self._at_rest(later), met)

    def _named(self, state: LocalState) -> dict[str, int]:
        return {**self._constants, "now": 0, "as_of": 0, **dict(zip(self._fields, state, strict=True))}

    def violated(self, state: Mapping[str, int]) -> set[str]:
        """The guarantees that a cancel at a sync violates."""
        return {
            claim.guarantee.id
            for claim in self.claims
            if any(all(holds(one, state) for one in cube) for _, cube in claim.nevers)
        }

    def read(self, state: Mapping[str, int], past: Past) -> dict[str, int]:
        """The state with the instants of the shorter reading put in."""
        return {
            **state,
            "answered": int(past.recorded_until is not None),
            "linked": int(past.linked),
            "acknowledged_until": NEVER if past.recorded_until is None else past.recorded_until,
            "finalized_until": NEVER if past.finalized_until is None else past.finalized_until,
            "unbroken_since": -(past.age or 0),
        }

    def protected(self, state: Mapping[str, int], past: Past) -> bool:
        """Whether something protects the order now, in the shorter reading."""
        heard = max(past.recorded_until or 0, past.finalized_until or 0) > 0
        return heard or ((self.sighted or past.linked) and state["expectation_until"] > 0)


State = tuple[LocalState, Past, int]


class Judged(NamedTuple):
    """How much was seen."""

    states: int
    """Distinct states of law and judge together."""
    machine: int
    """Distinct states of the machine among them."""
    judge: int
    """Distinct normal forms of the judge."""
    reported: dict[str, int]
    """How many steps made a report, by guarantee."""
    lenient: int
    """Cancels that the machine's law forbids, and the shorter reading does not."""
    forgiven: int
    """Second cancels before grace that the judge takes for retries although the order was protected between them."""


@dataclass
class Trial:
    """The product of the law and the judge; `explore` sees all of it, or raises MisjudgedError."""

    constants: Mapping[str, int]
    without: tuple[str, ...] = ()
    """Events, and ways for a sync to meet the order, that do not happen."""
    horizon: int | None = None
    """The link horizon; the TTL where it is None."""
    _parents: dict[State, tuple[State, str] | None] = field(default_factory=dict, repr=False)
    _reported: dict[str, int] = field(default_factory=dict, repr=False)
    _lenient: int = 0
    _forgiven: int = 0

    def __post_init__(self) -> None:
        self.law = Law(self.constants)
        self.bench = Bench(self.constants, self.horizon)

    def explore(self) -> Judged:
        """Every state that law and judge reach together."""
        start = self.law.start, Past(), 0
        self._parents = {start: None}
        queue = [start]
        for state in queue:  # grows while it is read
            for label, later in self._steps(state):
                if later not in self._parents:
                    self._parents[later] = state, label
                    queue.append(later)
            if len(queue) > LIMIT:
                raise MisjudgedError(f"more than {LIMIT} states: the judge does not forget")
        machine = len({state[0] for state in queue})
        return Judged(
            len(queue), machine, len(self.bench), dict(sorted(self._reported.items())), self._lenient, self._forgiven
        )

    def _steps(self, state: State) -> Iterator[tuple[str, State]]:
        local, past, _ = state
        for step in self.law.steps(local):
            name = step.action.event.name
            if name in self.without or step.met in self.without:
                continue
            if name == "PASS_TIME":
                yield name, (step.target, *self._aged(state, step))
            elif name != "SYNC":
                yield step.action.name, (step.target, *self._told(state, step))
            elif not past.synced:
                outcomes = (False, True) if "shown" in step.met else (False,)
                for cancelled in outcomes:
                    label = f"{step.action.name} {step.met}{', cancelled' if cancelled else ''}"
                    yield label, (step.target, *self._synced(state, step, label, cancelled))

    def _aged(self, state: State, step: Step) -> tuple[Past, int]:
        _, past, held = state
        grace, horizon = self.law.grace, self.bench.horizon
        past = past._replace(
            recorded_until=None if past.recorded_until is None else max(past.recorded_until - 1, -grace),
            finalized_until=None if past.finalized_until is None else max(past.finalized_until - 1, -grace),
            age=None if past.age is None else min(past.age + 1, grace),
            retried=past.retried and not self.law.protected(step.before, past),
            in_flight=tuple(age + 1 for age in past.in_flight if age < horizon),
            held_back=tuple(Report(one.guarantee, one.age + 1) for one in past.held_back if one.age < horizon),
            synced=False,
        )
        heard = self.bench.told(held, "PASS_TIME")
        expected = tuple(Report(one.guarantee, one.age + 1) for one in state[1].held_back if one.age == horizon)
        self._compare(state, "PASS_TIME", heard, expected, past)
        return past, heard.target

    def _told(self, state: State, step: Step) -> tuple[Past, int]:
        """An event that is no sync: a link may come, and what was held back long enough is certain."""
        _, past, held = state
        name = step.action.event.name
        heard = self.bench.told(held, name)
        expected: tuple[Report, ...] = ()
        open_before = step.before["expectation_until"] > 0
        match name:
            case "REGISTER":
                past = past._replace(linked=past.linked and open_before)
            case "FAIL":
                past = past._replace(linked=False)
            case "CLEAR":
                past = past._replace(age=None)
            case "RECORD_OID" | "FINALIZE":
                expected += tuple(Report("S3", age) for age in past.in_flight)
                kept = tuple(one for one in past.held_back if one.age not in past.in_flight)
                past = past._replace(in_flight=(), held_back=kept)
                until = self.constants["protection"]
                if name == "RECORD_OID":
                    first = until if past.recorded_until is None else past.recorded_until
                    past = past._replace(recorded_until=first, linked=past.linked or open_before)
                else:
                    first = until if past.finalized_until is None else past.finalized_until
                    past = past._replace(finalized_until=first, linked=False)
        if self.law.protected(step.after, past):
            past = past._replace(retried=False, age=None)
        self._compare(state, step.action.name, heard, expected, past)
        return past, heard.target

    def _synced(self, state: State, step: Step, label: str, cancelled: bool) -> tuple[Past, int]:
        _, past, held = state
        heard = self.bench.told(held, step.met, cancelled)
        expected: tuple[Report, ...] = ()
        past = past._replace(synced=True)
        if step.met != "shown" or self.law.protected(step.before, past):
            past = past._replace(age=None, retried=False, forgiven=False)
        elif past.age is None:
            past = past._replace(age=0)
        if cancelled:
            past, expected = self._cancelled(state, step, label, past, _said(heard))
        missed = ("L1", 0) in heard.suspected
        if missed and (cancelled or step.action.decision != "cancel"):
            raise self._misjudged(state, label, f"L1 is reported, but the exact tracker takes {step.action.name}")
        self._compare(state, label, heard, expected, past)
        return past, heard.target

    def _cancelled(
        self, state: State, step: Step, label: str, past: Past, said: tuple[str, ...]
    ) -> tuple[Past, tuple[Report, ...]]:
        """What a cancel at this sync violates, and what it leaves behind."""
        read = self.law.violated(self.law.read(step.after, past))
        if past.retried:
            read.discard("S4")
        elif past.forgiven and not said and read == {"S4"}:
            self._forgiven += 1
            read.clear()
        forbidden = self.law.violated(step.after | {"candidate": step.before["candidate"]})
        if read and not forbidden:
            raise self._misjudged(state, label, f"{read} is violated, but not by the machine's law")
        self._lenient += bool(forbidden and not read)
        guarantee = next((one for one in PRECEDENCE if one in read), None)
        shown = step.met == "shown"
        in_flight = past.in_flight
        if guarantee in (None, "S4") and self._is_in_flight(step, past):
            in_flight = (0, *in_flight)
        held_back = (*past.held_back, Report("S4", 0)) if guarantee == "S4" else past.held_back
        past = past._replace(retried=shown, forgiven=shown, in_flight=in_flight, held_back=held_back)
        return past, () if guarantee in (None, "S4") else (Report(guarantee, 0),)

    def _is_in_flight(self, step: Step, past: Past) -> bool:
        unheard = past.recorded_until is None and past.finalized_until is None
        return not self.law.sighted and unheard and step.before["expectation_until"] > 0

    def _compare(self, state: State, label: str, heard: Heard, expected: tuple[Report, ...], past: Past) -> None:
        certain = tuple(one for one in heard.certain if one.guarantee != "L1")
        suspected = tuple(one for one in heard.suspected if one.guarantee != "L1")
        for one in heard.certain + heard.suspected:
            if one.age == 0 or one in certain:
                self._reported[one.guarantee] = self._reported.get(one.guarantee, 0) + 1
        if certain != tuple(sorted(expected)):
            raise self._misjudged(state, label, f"law {sorted(expected)}\njudge {certain}")
        if suspected != tuple(sorted(past.held_back)):
            raise self._misjudged(state, label, f"law holds back {sorted(past.held_back)}\njudge {suspected}")

    def _misjudged(self, state: State, label: str, what: str) -> MisjudgedError:
        labels = [label]
        parent = self._parents[state]
        while parent is not None:
            state, label = parent
            labels.insert(0, label)
            parent = self._parents[state]
        t, lines = 0, []
        for name in labels:
            t += name == "PASS_TIME"
            lines.append(f"  {t:>3}  {name}")
        numbers = " ".join(f"{name}={value}" for name, value in self.constants.items())
        return MisjudgedError(f"{numbers}\n" + "\n".join(lines) + f"\n{what}")


def _said(heard: Heard) -> tuple[str, ...]:
    """What the judge says about a cancel of this instant."""
    return tuple(one.guarantee for one in heard.certain + heard.suspected if one.age == 0 and one.guarantee != "L1")
