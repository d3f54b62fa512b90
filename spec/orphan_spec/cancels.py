"""The cancels that a link learned later may yet show in another light.

Two rules. A cancel is pending until the link horizon has passed it; only then does what was found about it stand. After that a
fixed number of them is remembered, so that a link that comes too late can name its line.
"""

from collections import OrderedDict
from collections.abc import KeysView
from typing import Final

from orphan_spec.findings import Finding
from orphan_spec.history import Pending

REMNANTS: Final = 4096
"""How many things of a kind that matter no longer are still recognised when a late event names them."""


class Cancels:
    """The cancels, and the missed ones, by the order in which they came."""

    def __init__(self, horizon: int) -> None:
        self.horizon = horizon
        self.pending: OrderedDict[int, Pending] = OrderedDict()
        self.settled: OrderedDict[int, Pending] = OrderedDict()
        self.last = -1
        """When the last of them came, as a seq."""

        self._by_oid: dict[str, tuple[int, ...]] = {}
        self._serial = 0

    def __len__(self) -> int:
        return len(self.pending) + len(self.settled)

    def copy(self) -> "Cancels":
        twin = Cancels(self.horizon)
        twin.pending, twin.settled = self.pending.copy(), self.settled.copy()
        twin.last, twin._by_oid, twin._serial = self.last, self._by_oid.copy(), self._serial
        return twin

    def named(self) -> KeysView[str]:
        """The OIDs of the cancels that are remembered."""
        return self._by_oid.keys()

    def expire(self, t: int) -> tuple[list[Finding], int | None]:
        """What has become certain at t, and when the next of them will."""
        findings: list[Finding] = []
        while self.pending:
            serial, first = next(iter(self.pending.items()))
            if t <= first.t + self.horizon:
                return findings, first.t + self.horizon
            findings += self.settle(serial)
        return findings, None

    def hold(self, pending: Pending) -> None:
        """Holds a cancel until the horizon has passed it."""
        self._serial += 1
        self.pending[self._serial] = pending
        self._by_oid[pending.oid] = (*self._by_oid.get(pending.oid, ()), self._serial)
        self.last = pending.seq

    def awaiting(self, oid: str) -> list[tuple[int, Pending, bool]]:
        """The cancels of an OID that are remembered, each with whether the horizon has passed it."""
        found: list[tuple[int, Pending, bool]] = []
        for serial in self._by_oid.get(oid, ()):
            late = serial in self.settled
            found.append((serial, self.settled[serial] if late else self.pending[serial], late))
        return found

    def resolve(self, serial: int) -> None:
        """A pending cancel is decided."""
        pending = self.pending.pop(serial, None) or self.settled.pop(serial)
        rest = tuple(other for other in self._by_oid[pending.oid] if other != serial)
        if rest:
            self._by_oid[pending.oid] = rest
        else:
            del self._by_oid[pending.oid]

    def settle(self, serial: int) -> list[Finding]:
        """The horizon has passed a pending cancel: what was found about it stands."""
        pending = self.pending[serial]
        if pending.missed:
            self.resolve(serial)
        else:
            self.settled[serial] = self.pending.pop(serial)
            if len(self.settled) > REMNANTS:
                self.resolve(next(iter(self.settled)))
        return [] if pending.finding is None else [pending.finding]
