"""A fake exchange: orders, ids and lists as a state machine (`Venue`), Hyperliquid's HTTP API in front of it, and faults.

Reading order: `orders` (values), `venue` (the exchange, without I/O), `faults`, `dialect` (the API, without I/O), `server`.
"""

from orphan_desk.exchange.dialect import Dialect, UnknownRequestError
from orphan_desk.exchange.faults import Dice, Faults
from orphan_desk.exchange.orders import Done, Fills, Happening, NewOrder, Order, Refused, Rests
from orphan_desk.exchange.server import FakeExchange, serve_until_ended
from orphan_desk.exchange.venue import Venue

__all__ = [
    "Dialect",
    "Dice",
    "Done",
    "FakeExchange",
    "Faults",
    "Fills",
    "Happening",
    "NewOrder",
    "Order",
    "Refused",
    "Rests",
    "UnknownRequestError",
    "Venue",
    "serve_until_ended",
]
