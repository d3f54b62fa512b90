"""What every adapter needs: the client library, imported only when it is asked for, and the symbols of the orders.

One rule. Without the library, one line says which extra brings it.
"""

import importlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from orphan_tracker.exchange import OrderRequest

SYMBOLS_MAX: Final = 100_000
"""So many orders are remembered with their symbol; the one not seen for longest is forgotten first."""

TIFS: Final = ("Gtc", "Ioc", "Alo")


class MissingClientError(ImportError):
    """A client library is not installed; the text says what to install."""


def load(module: str, package: str, extra: str) -> Any:
    """The client library's module; raises MissingClientError where it is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingClientError(
            f"{package} is not installed; install it with: pip install 'orphan-tracker[{extra}]'", name=error.name
        ) from error


class Symbols:
    """Which market an OID is traded at, for the venue wants to know when it is cancelled."""

    def __init__(self) -> None:
        self._by_oid: OrderedDict[str, str] = OrderedDict()

    def remember(self, oid: str, symbol: str) -> None:
        """The order of this OID is of this market."""
        self._by_oid[oid] = symbol
        self._by_oid.move_to_end(oid)
        if len(self._by_oid) > SYMBOLS_MAX:
            self._by_oid.popitem(last=False)

    def of(self, oid: str) -> str | None:
        """The market; None where the order was neither placed here nor listed."""
        return self._by_oid.get(oid)


def options_of(order: OrderRequest) -> tuple[str, bool]:
    """The time in force and whether the order only reduces; raises ValueError for other options."""
    options: Mapping[str, object] = order.options
    wrong = sorted(set(options) - {"tif", "reduce_only"})
    if wrong:
        raise ValueError(f"the order {order.cloid} has the options {', '.join(wrong)}; there are: tif, reduce_only")
    tif, reduce_only = options.get("tif", "Gtc"), options.get("reduce_only", False)
    if tif not in TIFS or not isinstance(reduce_only, bool):
        raise ValueError(f"the order {order.cloid} has {dict(options)!r}; tif is one of {', '.join(TIFS)}")
    return str(tif), reduce_only
