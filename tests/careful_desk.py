"""A careful desk that can be robbed of one defence at a time: the unsafe variants of the hazards.

Three rules. With every defence the desk survives every hazard, so what is found without one is that defence's to answer for.
A defence is a name and one sentence, and each stands in the code once. A step is read as the protocol sends it; what else a
step holds is *hearsay* (a clock that jumped, a page of a list that broke off), which only a robbed desk looks at.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from defences import DEFENCES

ERRORS_TAKEN_FOR_ABSENCE: Final = 4
COLLECTED_AFTER: Final = 10

Step: TypeAlias = dict[str, Any]
Result: TypeAlias = dict[str, list[str]]


@dataclass
class Window:
    """The expected window of a CLOID."""

    until: int
    batch: frozenset[str]
    links: set[str] = field(default_factory=set)


class CarefulDesk:
    """Tracker, safety sync and local book of one life; `two_steps` where it cancels only in an `act`."""

    def __init__(self, config: Step, without: Collection[str] = (), *, two_steps: bool = False) -> None:
        unknown = set(without) - DEFENCES.keys()
        if unknown:
            raise ValueError(f"no such defence: {', '.join(sorted(unknown))}")
        self.without, self.two_steps, self.config = frozenset(without), two_steps, config
        names = ("orphan_grace_period", "expected_cloid_ttl", "finalized_protection_period")
        self.grace, self.ttl, self.protection = (config[name] for name in names)
        if self.has("constants_are_checked") and min(self.grace, self.ttl, self.protection) <= 0:
            raise ValueError("every duration has to be above 0")
        self.wall = 0
        self.first_seen: dict[str, int] = {}
        self.begin()

    def has(self, defence: str) -> bool:
        return defence not in self.without

    def begin(self) -> None:
        """A new life."""
        self.windows: dict[str, Window] = {}
        self.acknowledged: dict[str, int] = {}
        self.finalized: dict[str, int] = {}
        self.named: dict[str, str] = {}
        self.changed: dict[str, int] = {}
        self.ended: set[str] = set()
        self.reopened: set[str] = set()
        self.given_up: set[str] = set()
        self.done: set[str] = set()
        self.leftovers: set[str] | None = None
        self.shown: dict[str, list[str]] = {}
        self.latest = -1
        self.absent: dict[str, int] = {}
        self.seen_often: dict[str, int] = {}
        self.sent: set[str] = set()
        self.pending: list[str] = []
        self.errors = 0
        if self.has("restart_starts_anew"):
            self.first_seen = {}

    def take(self, step: Step) -> Result:
        """Lives through one step and answers what a sync or an act did."""
        self.wall = step.get("wall", self.wall)
        now = step["t"] + (0 if self.has("monotonic_clock") else self.wall)
        handler = getattr(self, f"on_{step['event']}", None)
        return {} if handler is None else handler(self.read(step), now) or {}

    def read(self, step: Step) -> Step:
        if self.has("ids_are_text"):
            return step
        read = {**step, **({"oid": self.number(step["oid"])} if "oid" in step else {})}
        if step["event"] == "sync":
            read["open"] = [{**row, "oid": self.number(row["oid"])} for row in step["open"]]
        return read

    @staticmethod
    def number(oid: str) -> str:
        return str(int(float(oid)))

    # What protects

    def window(self, cloid: str, now: int) -> Window | None:
        window = self.windows.get(cloid)
        ends = window is not None and now >= window.until and self.has("expectation_ends")
        if ends and self.has("windows_end_by_time"):
            del self.windows[cloid]
            return None
        return window

    def expects(self, now: int) -> set[str]:
        """The CLOIDs whose answer is awaited."""
        return {cloid for cloid in tuple(self.windows) if self.window(cloid, now)}

    def protected(self, oid: str, cloids: Iterable[str], now: int) -> bool:
        windows = [self.windows[cloid] for cloid in self.expects(now)]
        ends = [window.until for window in windows if oid in window.links]
        if self.has("shown_cloid"):
            ends += [self.windows[cloid].until for cloid in cloids if cloid in self.windows]
        ends += [heard[oid] for heard in (self.acknowledged, self.finalized) if oid in heard]
        if not self.has("windows_end_by_time"):
            return bool(ends)
        return any(now < end - (not self.has("whole_windows")) for end in ends)

    def breaks_age(self, oids: Iterable[str]) -> None:
        for oid in oids if self.has("protection_ends_age") else ():
            self.first_seen.pop(oid, None)

    def hear(self, heard: dict[str, int], oid: str, now: int) -> None:
        if oid not in heard or not self.has("only_first_opens"):
            heard[oid] = now + self.protection
            self.breaks_age([oid])

    # What is heard

    def on_register(self, step: Step, now: int) -> None:
        batch = frozenset(step["cloids"])
        for cloid in step["cloids"]:
            if cloid in self.done and not self.has("expected_again"):
                continue
            known = self.window(cloid, now)
            links = known.links if known and self.has("links_survive_registration") else set()
            self.windows[cloid] = Window(now + self.ttl, batch, links)
            self.breaks_age([*links, *(oid for oid, cloids in self.shown.items() if cloid in cloids)])

    def on_record_oid(self, step: Step, now: int) -> None:
        cloid, oid = step["cloid"], step["oid"]
        self.name(cloid, oid, now)
        window = self.window(cloid, now)
        if window is not None:
            if not self.has("links_are_many"):
                window.links.clear()
            window.links.add(oid)
            self.breaks_age([oid])
            if not self.has("expectation_outlives_answer"):
                window.until = now
        if self.has("answer_opens_window") and (window is not None or self.has("late_answer_counts")):
            self.hear(self.acknowledged, oid, now)

    def on_finalize(self, step: Step, now: int) -> None:
        cloid, oid = step["cloid"], step["oid"]
        window = self.windows.pop(cloid, None)
        self.done.add(cloid)
        if window is not None and window.links and not self.has("finalize_names_its_oid"):
            oid = min(window.links)
        counts = oid in self.acknowledged or self.has("unrecorded_finalize_counts")
        self.name(cloid, oid, now)
        if self.has("finalize_opens_window") and counts:
            self.hear(self.finalized, oid, now)

    def name(self, cloid: str, oid: str, now: int) -> None:
        self.named[oid] = cloid
        self.changes(oid, now)
        if oid in self.ended:
            self.reopened.add(oid)

    def changes(self, oid: str, now: int) -> None:
        self.changed[oid] = now
        self.absent.pop(oid, None)

    def on_fail(self, step: Step, now: int) -> None:
        cloid = step["cloid"]
        self.given_up.add(cloid)
        window = self.window(cloid, now)
        known = set() if window is None else window.links | {oid for oid, c in self.shown.items() if cloid in c}
        if known and self.has("fail_spares_known"):
            return
        for oid in known:
            self.acknowledged.pop(oid, None)
        ended = {cloid} if window is None or self.has("answers_are_single") else window.batch
        for one in ended:
            self.windows.pop(one, None)

    def on_timeout(self, step: Step, now: int) -> None:
        if not self.has("unknown_is_no_fail"):
            self.windows.pop(step["cloid"], None)

    def on_learn_end(self, step: Step, now: int) -> None:
        oid = step["oid"]
        self.changes(oid, now)
        self.ended.add(oid)
        if not self.has("end_names_its_oid"):
            self.windows.pop(self.named.get(oid, ""), None)

    def on_clear(self, step: Step, now: int) -> None:
        self.first_seen.pop(step["oid"], None)

    def on_cleanup(self, step: Step, now: int) -> None:
        self.windows = {cloid: window for cloid, window in self.windows.items() if now < window.until}
        for heard in (self.acknowledged, self.finalized):
            for oid in [oid for oid, end in heard.items() if end <= now and oid not in self.shown]:
                del heard[oid]

    def on_restart(self, step: Step, now: int) -> None:
        self.begin()
        self.leftovers = None if self.has("leftovers_are_orphans") else set()

    # The sync

    def on_sync(self, step: Step, now: int) -> Result:
        rows = self.fetched(step)
        if rows is None:
            return self.unfetched(step)
        as_of = step["as_of"] + now - step["t"]
        if as_of < self.latest or (rows == [] and not self.has("empty_list_is_evidence")):
            return {}
        self.latest = as_of
        orders = list(self.listed(rows))
        self.shown = dict(orders)
        dropped = self.stale(step["local"], as_of)
        condemned = self.condemned(step, orders, now, as_of)
        if not self.two_steps:
            return {"cancelled": condemned, "dropped": dropped}
        self.pending += [oid for oid in condemned if oid not in self.pending]
        return {"cancelled": [], "dropped": dropped, "pending": condemned}

    def fetched(self, step: Step) -> list[Step] | None:
        if step["open"] is None and "part" in step and not self.has("part_is_no_list"):
            return step["part"]
        return [] if step["open"] is None and not self.has("failed_fetch_is_no_evidence") else step["open"]

    def unfetched(self, step: Step) -> Result:
        self.errors += 1
        lost = self.errors >= ERRORS_TAKEN_FOR_ABSENCE and not self.has("errors_are_not_counted")
        condemned = [] if self.has("fails_closed") else list(self.pending)
        return {"cancelled": condemned, "dropped": list(step["local"]) if lost else []}

    def listed(self, rows: Sequence[Step]) -> Iterable[tuple[str, list[str]]]:
        found: list[tuple[str, list[str]]] = []
        for row in rows:
            cloids = [row["cloid"]] if "cloid" in row else []
            known = next((one for one in found if one[0] == row["oid"] and self.has("listed_once")), None)
            if known is None:
                found.append((row["oid"], cloids))
            else:
                known[1].extend(cloids)
        return found

    def condemned(self, step: Step, orders: Sequence[tuple[str, list[str]]], now: int, as_of: int) -> list[str]:
        """The orders to cancel on this snapshot."""
        if not self.has("ages_are_not_collected"):
            self.first_seen = {
                o: since for o, since in self.first_seen.items() if as_of - since < COLLECTED_AFTER * self.grace
            }
        if self.has("absence_ends_age"):
            self.first_seen = {o: since for o, since in self.first_seen.items() if o in self.shown}
        if self.leftovers is not None and not self.leftovers:
            self.leftovers = set(self.shown)
        local = set(step["local"])
        if not self.has("cancelling_is_tracked"):
            local -= set(step.get("being_cancelled", ()))
        later = now + (0 if self.has("one_now") else step.get("jump", 0))
        aged = [oid for oid, cloids in orders if self.ages(oid, cloids, local, later, as_of + later - now)]
        self.sent.update(aged)
        return aged

    def ages(self, oid: str, cloids: list[str], local: Collection[str], now: int, as_of: int) -> bool:
        """Ages one open order by a snapshot; whether it is condemned."""
        if oid in local:
            if self.has("tracking_ends_age"):
                self.first_seen.pop(oid, None)
            return False
        if self.protected(oid, cloids, now):
            self.breaks_age([oid])
            return False
        if self.exempt(oid, cloids) or (self.has("cancel_on_later_evidence") and as_of <= self.changed.get(oid, -1)):
            return False
        since = self.first_seen.setdefault(oid, as_of if self.has("age_by_as_of") else now)
        age = (as_of if self.has("age_by_as_of") else now) - since
        aged = age >= self.grace - (not self.has("whole_windows"))
        if not self.has("age_is_measured"):
            self.seen_often[oid] = self.seen_often.get(oid, 0) + 1
            aged = self.seen_often[oid] >= 2
        return aged or not self.has("grace")

    def exempt(self, oid: str, cloids: list[str]) -> bool:
        prefix = self.config.get("owned_cloid_prefix")
        ours = prefix is None or oid in self.named or not cloids
        if not ours and self.has("ownership") and not any(cloid and cloid.startswith(prefix) for cloid in cloids):
            return True
        if self.leftovers is not None and oid in self.leftovers:
            return True
        if oid in self.sent and not self.has("failed_cancel_is_retried"):
            return True
        return not self.has("given_up_is_ours") and any(cloid in self.given_up for cloid in cloids)

    def on_act(self, step: Step, now: int) -> Result:
        condemned, self.pending = self.pending, []
        if self.has("decide_again"):
            condemned = [oid for oid in condemned if self.stands(oid, step["local"], now)]
        return {"cancelled": condemned}

    def stands(self, oid: str, local: Collection[str], now: int) -> bool:
        """Whether what a sync decided about an order is still right."""
        changed = self.latest <= self.changed.get(oid, -1)
        return oid not in local and not changed and not self.protected(oid, self.shown.get(oid, ()), now)

    # The local book

    def stale(self, local: Sequence[str], as_of: int) -> list[str]:
        """The local orders that are dropped on this snapshot."""
        lacking = [oid for oid in local if oid not in self.shown]
        self.absent = {oid: since for oid, since in self.absent.items() if oid in lacking}
        if self.has("drop_on_later_evidence"):
            lacking = [oid for oid in lacking if as_of > self.changed.get(oid, -1)]
        spans = {oid: as_of - self.absent.setdefault(oid, as_of) for oid in lacking}
        stale = [oid for oid in lacking if spans[oid] >= self.grace or not self.has("drop_on_spanned_evidence")]
        pinned = self.reopened if not self.has("reopened_is_dropped") else set()
        dropped = [oid for oid in stale if self.has("stale_is_dropped") and oid not in pinned]
        for oid in dropped:
            del self.absent[oid]
        return dropped


def live(config: Step, steps: Sequence[Step], without: Collection[str] = ()) -> tuple[CarefulDesk, list[Result]]:
    """A desk that has lived through the steps, and what it answered."""
    desk = CarefulDesk(config, without, two_steps=any(step["event"] == "act" for step in steps))
    return desk, [desk.take(step) for step in steps]
