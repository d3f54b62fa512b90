"""What was heard of OIDs that are not tracked: fills that came before an answer, and ends.

Two rules. It is remembered as long as an answer to an order that was pending then may still come, and an end besides until
a snapshot that is later confirms it. Without answers and snapshots, no more than REMNANTS are remembered, the latest.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from .book_model import Ended
from .memory import REMNANTS


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was heard of one OID, last at `at`."""

    at: int
    filled: Decimal = Decimal(0)
    how: Ended | None = None


class Tombstones:
    """OIDs by when something was last heard of them; an OID that has ended has a tombstone."""

    def __init__(self) -> None:
        self._heard: OrderedDict[str, _Heard] = OrderedDict()

    def __len__(self) -> int:
        return len(self._heard)

    def has_ended(self, oid: str) -> bool:
        """Whether a tombstone of the OID stands."""
        heard = self._heard.get(oid)
        return heard is not None and heard.how is not None

    def bury(self, oid: str, how: Ended, now: int) -> None:
        """Puts up a tombstone."""
        self._hear(oid, _Heard(now, how=how))

    def keep_fill(self, oid: str, amount: Decimal, now: int) -> None:
        """Keeps a fill for the answer that may come."""
        earlier = self._heard.get(oid)
        self._hear(oid, _Heard(now, amount if earlier is None else earlier.filled + amount))

    def take_fills(self, oid: str) -> Decimal:
        """What was filled of an OID that is tracked from now on."""
        heard = self._heard.pop(oid, None)
        return Decimal(0) if heard is None else heard.filled

    def contradict(self, shown: Collection[str], as_of: int) -> tuple[str, ...]:
        """The OIDs that a snapshot shows although they had ended before it; their tombstones fall."""
        found = tuple(oid for oid, heard in self._heard.items() if heard.how and heard.at < as_of and oid in shown)
        for oid in found:
            del self._heard[oid]
        return found

    def release(self, oldest_pending_since: int | None, latest_as_of: int) -> None:
        """Forgets what is confirmed and what no answer can bring back."""
        for oid, heard in list(self._heard.items()):
            awaited = oldest_pending_since is not None and oldest_pending_since <= heard.at
            confirmed = heard.how is None or heard.at < latest_as_of
            if confirmed and not awaited:
                del self._heard[oid]

    def _hear(self, oid: str, heard: _Heard) -> None:
        self._heard.pop(oid, None)
        self._heard[oid] = heard
        while len(self._heard) > REMNANTS:
            self._heard.popitem(last=False)
