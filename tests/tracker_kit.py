"""Events as values, and a desk that feeds them to a tracker.

A check gets a `Kit`, the tracker's package as an object, so that the same check also judges a copy with a planted bug.
"""

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any, NamedTuple

S = 1_000_000_000
"""One second in nanoseconds."""

Shown = tuple[str, tuple[str | None, ...]]
"""An OID and all that a listing states about its CLOID; () where it states nothing."""


@dataclass(frozen=True)
class Constants:
    """The constants of one tracker, in ns."""

    grace: int = 5 * S
    ttl: int = 30 * S
    protection: int = 10 * S
    prefix: str | None = None


@dataclass(frozen=True)
class Event:
    """One event: what, when, and about whom."""

    what: str
    t: int
    cloids: tuple[str, ...] = ()
    oid: str = ""
    as_of: int = 0
    listing: tuple[Shown, ...] | None = None
    oids: tuple[str, ...] = ()
    """What is asked about again."""
    local: tuple[str, ...] = ()


class Told(NamedTuple):
    """What a tracker decided about one candidate."""

    oid: str
    reason: str
    until: int | None


class Outcome(NamedTuple):
    """What is seen of a tracker after one event."""

    protected: frozenset[str]
    told: tuple[Told, ...]
    new: int


class Kit:
    """The tracker's package: the real one, or a copy with a planted bug."""

    def __init__(self, module: ModuleType) -> None:
        self.module: Any = module

    @cached_property
    def driver(self) -> Any:
        """The line-protocol driver of the same package."""
        return importlib.import_module(f"{self.module.__name__}.driver")

    def desk(self, constants: Constants | None = None, **config: Any) -> "Desk":
        """A desk with a fresh tracker."""
        constants = constants or Constants()
        values = {
            "orphan_grace_period": constants.grace,
            "expected_cloid_ttl": constants.ttl,
            "finalized_protection_period": constants.protection,
            "owned_cloid_prefix": constants.prefix,
        }
        return Desk(self, self.module.OrphanTracker(self.module.OrphanTrackerConfig(**values | config)))


class Desk:
    """A tracker spoken to in short words; instants in ns."""

    def __init__(self, kit: Kit, tracker: Any) -> None:
        self.kit = kit
        self.tracker = tracker
        self.decision: Any = None

    def register(self, t: int, *cloids: str) -> list[str]:
        return kinds(self.tracker.register_expected_cloids(cloids, t))

    def record(self, t: int, cloid: str, oid: str) -> list[str]:
        return kinds(self.tracker.record_oid_for_cloid(cloid, oid, t))

    def finalize(self, t: int, cloid: str, oid: str) -> list[str]:
        return kinds(self.tracker.mark_finalized(cloid, oid, t))

    def fail(self, t: int, cloid: str) -> list[str]:
        return kinds(self.tracker.mark_failed(cloid, t))

    def clear(self, t: int, oid: str) -> list[str]:
        return kinds(self.tracker.clear_orphan(oid, t))

    def end(self, t: int, oid: str) -> list[str]:
        return kinds(self.tracker.mark_ended(oid, t))

    def confirm(self, t: int, *oids: str, local: Iterable[str] = ()) -> list[str]:
        """Asks again about OIDs; answers those that may be cancelled."""
        self.decision = self.tracker.confirm(oids, list(local), t)
        return list(self.decision.aged)

    def cleanup(self, t: int) -> None:
        self.tracker.cleanup(t)

    def protected(self, t: int) -> set[str]:
        return set(self.tracker.protected_oids(t))

    def shown(self, oid: str, *stated: str | None) -> Any:
        """An open order, as a listing shows it."""
        return self.kit.module.OpenOrder(oid, stated[0], stated[1:]) if stated else self.kit.module.OpenOrder(oid)

    def sync(self, t: int, *orders: str | Sequence[str | None], as_of: int | None = None) -> list[str]:
        """Shows candidates, "7" or ("7", "c") or ("7", None); answers the aged."""
        candidates = [order if isinstance(order, str) else self.shown(*order) for order in orders]  # type: ignore[arg-type]
        self.decision = self.tracker.filter_aged_orphans(candidates, t, as_of)
        return list(self.decision.aged)

    def why(self, oid: str) -> tuple[str, int | None]:
        """The reason and the instant of the last sync's explanation."""
        explanation = self.decision.explanation_of(oid)
        return explanation.reason.name, explanation.until

    def apply(self, event: Event) -> Outcome:
        """Feeds one event and looks at everything that can be seen."""
        decision = None
        match event.what:
            case "register":
                self.register(event.t, *event.cloids)
            case "record":
                self.record(event.t, event.cloids[0], event.oid)
            case "finalize":
                self.finalize(event.t, event.cloids[0], event.oid)
            case "fail":
                self.fail(event.t, event.cloids[0])
            case "clear":
                self.clear(event.t, event.oid)
            case "end":
                self.end(event.t, event.oid)
            case "confirm":
                decision = self.tracker.confirm(event.oids, event.local, event.t)
            case "cleanup":
                self.cleanup(event.t)
            case "sync":
                listing = None if event.listing is None else [self.shown(oid, *s) for oid, s in event.listing]
                decision = self.tracker.filter_aged_orphans(listing, event.t, event.as_of)
            case _:
                raise AssertionError(event.what)
        protected = self.tracker.protected_oids(event.t)
        if decision is None:
            return Outcome(protected, (), 0)
        told = tuple(Told(e.oid, e.reason.name, e.until) for e in decision.explanations)
        assert list(decision.aged) == [e.oid for e in decision.explanations if e.cancelled]
        assert [one.oid for one in told if one.reason == "AGED"] == list(decision.aged)
        assert [one.oid for one in told if one.reason == "FOREIGN"] == list(decision.foreign)
        return Outcome(protected, told, decision.new)


def kinds(notices: Iterable[Any]) -> list[str]:
    """The names of notices."""
    return [notice.kind.name for notice in notices]
