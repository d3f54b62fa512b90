"""The tracker as the norms read: it keeps everything that ever happened and looks it all through at every question.

Nothing is deleted, nothing is counted down, nothing is fast. Windows are intervals in a list; an age is found by
walking back over the snapshots. Written from N2-N8, N10 of the design, and from nothing of the tracker.
"""

from dataclasses import dataclass, field

from tracker_kit import Constants, Event, Outcome, Shown, Told

FOREVER = -1


@dataclass
class Window:
    """An expected window: `[start, end)`, and the line that ended it early, if one did."""

    cloid: str
    start: int
    end: int
    line: int
    registered_line: int
    changes: list[int]
    ended_line: int | None = None
    oids: list[str] = field(default_factory=list)

    def is_open(self, t: int) -> bool:
        return self.ended_line is None and t < self.end


@dataclass(frozen=True)
class Heard:
    """A heard-of window `[t, end)` of an OID."""

    oid: str
    what: str
    end: int
    line: int


@dataclass(frozen=True)
class Sync:
    """A snapshot that counted, with who was an unprotected candidate and about whom it decided."""

    line: int
    t: int
    as_of: int
    listing: dict[str, tuple[str, ...]]
    stated: dict[str, tuple[str | None, ...]]
    orphans: set[str]
    decided: set[str]


class NaiveModel:
    """Answers each event as the tracker must."""

    def __init__(self, constants: Constants) -> None:
        self.constants = constants
        self.line = 0
        self.windows: list[Window] = []
        self.heard: list[Heard] = []
        self.syncs: list[Sync] = []
        self.changes: list[tuple[int, str, int]] = []
        self.cleared: list[tuple[int, str]] = []
        self.failed: list[tuple[str, int]] = []
        self.ended: list[tuple[int, str, int]] = []
        self.named: list[tuple[int, str]] = []
        self.linkings: list[tuple[int, str]] = []
        self.oids: set[str] = set()
        self.forgotten: dict[str, int] = {}

    def apply(self, event: Event) -> Outcome:
        self.line += 1
        for oid in self.oids:
            if not self.is_remembered(oid, event.t):
                self.forgotten[oid] = self.line
        told: tuple[Told, ...] = ()
        new = 0
        match event.what:
            case "register":
                for cloid in event.cloids:
                    self.register(cloid, event.t)
            case "record":
                self.record(event.cloids[0], event.oid, event.t)
            case "finalize":
                self.finalize(event.cloids[0], event.oid, event.t)
            case "fail":
                self.fail(event.cloids[0], event.t)
            case "clear":
                self.oids.add(event.oid)
                self.cleared.append((self.line, event.oid))
                if self.is_remembered(event.oid, event.t):
                    self.changes.append((self.line, event.oid, event.t))
            case "end":
                self.ended.append((self.line, event.oid, event.t))
            case "confirm":
                told = tuple(self.confirmed(oid, event.t, oid in event.local) for oid in event.oids)
            case "sync":
                if event.listing is not None:
                    told, new = self.sync(event.listing, event.t, event.as_of)
        return Outcome(self.protected(event.t), told, new)

    # What the norms call things

    def latest(self) -> Sync | None:
        return self.syncs[-1] if self.syncs else None

    def open_window(self, cloid: str, t: int) -> Window | None:
        return next((w for w in self.windows if w.cloid == cloid and w.is_open(t)), None)

    def linked(self, oid: str, t: int) -> list[Window]:
        return [w for w in self.windows if oid in w.oids and w.is_open(t)]

    def heard_of(self, oid: str, what: str) -> list[Heard]:
        """The windows of this kind that are not forgotten."""
        return [h for h in self.heard if h.oid == oid and h.what == what and h.line >= self.forgotten.get(oid, 0)]

    def is_protected(self, oid: str, t: int) -> bool:
        return any(h.oid == oid and t < h.end for h in self.heard) or bool(self.linked(oid, t))

    def is_remembered(self, oid: str, t: int) -> bool:
        latest = self.latest()
        return self.is_protected(oid, t) or (latest is not None and oid in latest.listing)

    def protected(self, t: int) -> frozenset[str]:
        return frozenset(oid for oid in self.oids if self.is_protected(oid, t))

    # What happens

    def register(self, cloid: str, t: int) -> None:
        self.change_orders_of(cloid, t)
        window = self.open_window(cloid, t)
        if window is None:
            self.windows.append(Window(cloid, t, t + self.constants.ttl, self.line, self.line, [t]))
        else:
            window.end = t + self.constants.ttl
            window.registered_line = self.line
            window.changes.append(t)

    def record(self, cloid: str, oid: str, t: int) -> None:
        self.name(oid, t)
        window = self.open_window(cloid, t)
        if window is not None:
            window.oids.append(oid)
            self.linkings.append((self.line, oid))
        if not self.heard_of(oid, "ACKNOWLEDGED"):
            self.heard.append(Heard(oid, "ACKNOWLEDGED", t + self.constants.protection, self.line))

    def finalize(self, cloid: str, oid: str, t: int) -> None:
        self.name(oid, t)
        window = self.open_window(cloid, t)
        earlier = self.heard_of(oid, "FINALIZED")
        if not earlier:
            self.heard.append(Heard(oid, "FINALIZED", t + self.constants.protection, self.line))
        if window is not None and not (earlier and earlier[-1].line < window.registered_line):
            window.ended_line, window.end = self.line, t

    def fail(self, cloid: str, t: int) -> None:
        self.change_orders_of(cloid, t)
        window = self.open_window(cloid, t)
        if window is not None:
            window.changes.append(t)
            if not window.oids:
                window.ended_line, window.end = self.line, t
        else:
            self.failed.append((cloid, t))

    def name(self, oid: str, t: int) -> None:
        self.oids.add(oid)
        self.named.append((self.line, oid))
        self.changes.append((self.line, oid, t))

    def change_orders_of(self, cloid: str, t: int) -> None:
        window, latest = self.open_window(cloid, t), self.latest()
        oids = set(window.oids) if window else set()
        oids |= {oid for oid, cloids in latest.listing.items() if cloid in cloids} if latest else set()
        self.changes += [(self.line, oid, t) for oid in oids]

    def sync(self, listing: tuple[Shown, ...], t: int, as_of: int) -> tuple[tuple[Told, ...], int]:
        latest = self.latest()
        late = latest is not None and as_of < latest.as_of
        shown = {oid: tuple(c for c in stated if c is not None) for oid, stated in listing}
        if not late:
            self.oids |= shown.keys()
            for oid, cloids in shown.items():
                for window in filter(None, (self.open_window(cloid, t) for cloid in cloids)):
                    window.oids.append(oid)
        protections = {oid: self.protection(oid, cloids, t) for oid, cloids in shown.items()}
        orphans = {oid for oid in shown if protections[oid] is None}
        changed = {oid: self.changed_at(oid, shown[oid]) for oid in orphans}
        if not late:
            decided = {oid for oid in orphans if as_of > changed[oid]}
            self.syncs.append(Sync(self.line, t, as_of, shown, dict(listing), orphans, decided))
        told, new = [], 0
        for oid, stated in listing:
            protection = protections[oid]
            if protection is not None:
                told.append(Told(oid, *protection))
            elif late:
                assert latest is not None
                told.append(Told(oid, "LATE_SNAPSHOT", latest.as_of))
            elif self.is_foreign(oid, stated):
                told.append(Told(oid, "FOREIGN", None))
            elif as_of <= changed[oid]:
                told.append(self.undecided(oid, changed[oid]))
            else:
                first = self.first_seen(oid)
                new += first == self.syncs[-1]
                aged_at = first.as_of + self.constants.grace
                told.append(Told(oid, "AGED" if as_of >= aged_at else "WITHIN_GRACE", aged_at))
        return tuple(told), new

    def confirmed(self, oid: str, t: int, tracked: bool) -> Told:
        latest = self.latest()
        shown = None if latest is None else latest.listing.get(oid)
        protection = self.protection(oid, shown or (), t)
        if tracked:
            return Told(oid, "TRACKED", None)
        if protection is not None:
            return Told(oid, *protection)
        if latest is None or shown is None:
            return Told(oid, "NOT_SHOWN", None)
        if self.is_foreign(oid, latest.stated[oid]):
            return Told(oid, "FOREIGN", None)
        changed = self.changed_at(oid, shown)
        if latest.as_of <= changed:
            return self.undecided(oid, changed)
        now = Sync(self.line, t, latest.as_of, latest.listing, latest.stated, set(), set())
        if oid not in latest.orphans or self.is_broken(oid, latest, now):
            return Told(oid, "WITHIN_GRACE", None)
        aged_at = self.first_seen(oid).as_of + self.constants.grace
        return Told(oid, "AGED" if latest.as_of >= aged_at else "WITHIN_GRACE", aged_at)

    def undecided(self, oid: str, changed: int) -> Told:
        is_ghost = max((at for _, o, at in self.ended if o == oid), default=FOREVER) == changed
        return Told(oid, "GHOST" if is_ghost else "OLDER_THAN_CHANGE", changed)

    # What a sync asks

    def protection(self, oid: str, cloids: tuple[str, ...], t: int) -> tuple[str, int] | None:
        shown = filter(None, (self.open_window(cloid, t) for cloid in cloids))
        ends = [(w.end, "EXPECTED") for w in [*self.linked(oid, t), *shown]]
        for what in ("ACKNOWLEDGED", "FINALIZED"):
            ends += [(h.end, what) for h in self.heard_of(oid, what) if t < h.end]
        if not ends:
            return None
        until = max(end for end, _ in ends)
        return next(what for end, what in ends if end == until), until

    def is_foreign(self, oid: str, stated: tuple[str | None, ...]) -> bool:
        prefix = self.constants.prefix
        if prefix is None or not stated or any(c is not None and c.startswith(prefix) for c in stated):
            return False
        return not any(o == oid and line >= self.forgotten.get(oid, 0) for line, o in self.named)

    def changed_at(self, oid: str, cloids: tuple[str, ...]) -> int:
        instants = [FOREVER]
        instants += [at for _, o, at in self.changes if o == oid]
        instants += [at for _, o, at in self.ended if o == oid]
        for cloid in cloids:
            instants += [at for w in self.windows if w.cloid == cloid for at in w.changes]
            instants += [at for failed, at in self.failed if failed == cloid]
        return max(instants)

    def first_seen(self, oid: str) -> Sync:
        """The first snapshot, walking back, that decided about the orphan within its unbroken age."""
        first = self.syncs[-1]
        for later, earlier in zip(reversed(self.syncs), reversed(self.syncs[:-1]), strict=False):
            if oid not in earlier.orphans or self.is_broken(oid, earlier, later):
                break
            if oid in earlier.decided:
                first = earlier
        return first

    def is_broken(self, oid: str, earlier: Sync, later: Sync) -> bool:
        """Whether anything between two snapshots ended the age: a clear, or a protection even if over by now."""
        between = range(earlier.line + 1, later.line + 1)
        if any(line in between for line, o in self.cleared if o == oid):
            return True
        if any(line in between for line, o, _ in self.ended if o == oid):
            return True
        if any(h.line in between for h in self.heard if h.oid == oid):
            return True
        if any(line in between for line, o in self.linkings if o == oid):
            return True
        for cloid in earlier.listing[oid]:
            if any(w.cloid == cloid and any(x in between for x in (w.line, w.registered_line)) for w in self.windows):
                return True
        for cloid in later.listing[oid]:
            if any(w.cloid == cloid and self.was_open_between(w, earlier, later) for w in self.windows):
                return True
        return False

    def was_open_between(self, window: Window, earlier: Sync, later: Sync) -> bool:
        if window.line > later.line:
            return False
        return window.ended_line > earlier.line if window.ended_line is not None else window.end > earlier.t
