"""Real client libraries as the exchange that a desk asks: Hyperliquid's Python SDK, and ccxt synchronous and asynchronous.

Reading order: `answers` (what each answer means), `base` (what all share), `hyperliquid_sdk`, `ccxt_hyperliquid`.
"""

from orphan_desk.adapters.base import HyperliquidAdapter
from orphan_desk.adapters.ccxt_hyperliquid import AsyncCcxtHyperliquid, CcxtHyperliquid
from orphan_desk.adapters.clients import MissingClientError
from orphan_desk.adapters.hyperliquid_sdk import HyperliquidSdk

__all__ = ["AsyncCcxtHyperliquid", "CcxtHyperliquid", "HyperliquidAdapter", "HyperliquidSdk", "MissingClientError"]
