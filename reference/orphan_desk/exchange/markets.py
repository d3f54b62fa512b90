"""What the fake exchange trades, as Hyperliquid describes it: enough for client libraries to load their markets."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

SPOT_FROM: Final = 10_000
"""Spot assets are numbered from here."""


@dataclass(frozen=True, slots=True)
class Market:
    """One coin with its number."""

    coin: str

    asset: int

    size_decimals: int

    @property
    def spot(self) -> bool:
        """Whether it is a spot pair; otherwise it is a perpetual."""
        return self.asset >= SPOT_FROM


MARKETS: Final = (Market("BTC", 0, 5), Market("ETH", 1, 4), Market("PURR/USDC", SPOT_FROM, 0))
BY_ASSET: Final = {market.asset: market for market in MARKETS}

_TOKENS: Final[list[dict[str, Any]]] = [
    {"name": "USDC", "szDecimals": 8, "weiDecimals": 8, "index": 0, "tokenId": "0x" + "00" * 16, "isCanonical": True},
    {"name": "PURR", "szDecimals": 0, "weiDecimals": 5, "index": 1, "tokenId": "0x" + "01" * 16, "isCanonical": True},
]


def meta() -> dict[str, Any]:
    """The perpetuals."""
    return {
        "universe": [
            {"name": market.coin, "szDecimals": market.size_decimals, "maxLeverage": 40, "onlyIsolated": False}
            for market in MARKETS
            if not market.spot
        ]
    }


def spot_meta() -> dict[str, Any]:
    """The spot pairs and their tokens."""
    pairs = [
        {"name": market.coin, "tokens": [1, 0], "index": market.asset - SPOT_FROM, "isCanonical": True}
        for market in MARKETS
        if market.spot
    ]
    return {"tokens": _TOKENS, "universe": pairs}


def contexts(marks: Mapping[str, Decimal], *, spot: bool) -> list[dict[str, str]]:
    """What each market trades at, in the order of its list."""
    prices = [str(marks[market.coin]) for market in MARKETS if market.spot is spot]
    return [{"markPx": price, "midPx": price, "prevDayPx": price, "dayNtlVlm": "0.0"} for price in prices]
