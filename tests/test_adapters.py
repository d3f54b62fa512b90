"""The adapters: what each answer means, and the real client libraries against the fake exchange."""

import asyncio
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from desk_scene import ADDRESS, CLIENTS, KEY, SYMBOL, Counted, connect, scene
from loopback_only import loopback_only
from orphan_desk.adapters import CcxtHyperliquid, HyperliquidAdapter, HyperliquidSdk, MissingClientError
from orphan_desk.adapters.answers import answer_in, cancelled, open_order, placed, placed_one
from orphan_desk.adapters.base import NO_MARKET
from orphan_desk.adapters.clients import Symbols
from orphan_desk.exchange import FakeExchange, Faults
from orphan_tracker import NOT_STATED, OpenOrder
from orphan_tracker.exchange import Cancelled, Filled, Gone, OrderRequest, Rejected, Resting, Unknown

SECOND = 1_000_000_000
FIRST = 2**53 + 1


def cloid(number: int) -> str:
    return f"0x{number:032x}"


def request(kind: str, number: int, price: int = 90_000, **options: object) -> OrderRequest:
    return OrderRequest(cloid(number), SYMBOL[kind], True, Decimal("0.1"), Decimal(price), options)


def answered(*statuses: object) -> dict[str, Any]:
    return {"status": "ok", "response": {"type": "order", "data": {"statuses": list(statuses)}}}


# what the answers mean


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ({"resting": {"oid": FIRST}}, Resting(str(FIRST))),
        ({"resting": {"oid": 7, "cloid": "0x1"}}, Resting("7", "0x1")),
        ({"filled": {"oid": 7, "totalSz": "0.1", "avgPx": "2"}}, Filled("7")),
        ({"filled": {"oid": 7, "totalSz": "0.09", "avgPx": "2"}}, Resting("7")),
        ({"filled": {"oid": 7}}, Filled("7")),
        ({"error": "Insufficient margin"}, Rejected("Insufficient margin")),
        ({"error": "Duplicate cloid 0x1"}, Unknown("Duplicate cloid 0x1")),
        ("waitingForTrigger", Unknown("the answer to the order is not understood: 'waitingForTrigger'")),
        ({"resting": {}}, Unknown("the answer to the order is not understood: {'resting': {}}")),
        ({"resting": {"oid": True}}, Unknown("the answer to the order is not understood: {'resting': {'oid': True}}")),
    ],
)
def test_a_status_is_an_outcome(status: object, outcome: object) -> None:
    assert placed_one(answered(status), request("sdk", 1)) == outcome


def test_what_is_filled_in_part_rests_on_but_for_an_order_that_never_rests() -> None:
    part = {"oid": 7, "totalSz": "0.09", "cloid": cloid(2)}
    batch = [request("sdk", 1, tif="Ioc"), request("sdk", 2)]
    assert placed(answered({"filled": part}), batch) == [Resting("7", cloid(2))]
    assert placed(answered({"filled": part | {"cloid": cloid(1)}}), batch) == [Filled("7", cloid(1))]


def test_one_error_for_a_batch_stands_for_every_order_and_nothing_else_does() -> None:
    batch = [request("sdk", number) for number in range(3)]
    assert placed(answered({"error": "no"}), batch) == [Rejected("no")] * 3
    assert placed(answered({"resting": {"oid": 7}}), batch) == [Resting("7")]
    assert placed(answered({"error": "no"}, {"error": "no"}), batch) == [Rejected("no")] * 2
    assert isinstance(placed_one(answered(), batch[0]), Unknown)
    assert cancelled(answered({"error": "no"}), 2) == [Rejected("no")] * 2
    assert [type(one) for one in cancelled(answered("success"), 2)] == [Unknown, Unknown]


def test_a_request_refused_as_a_whole_is_rejected_and_what_is_not_understood_is_unknown() -> None:
    batch = [request("sdk", 1), request("sdk", 2)]
    assert placed({"status": "err", "response": "Must deposit"}, batch) == [Rejected("Must deposit")] * 2
    assert cancelled({"status": "err", "response": "no"}, 1) == [Rejected("no")]
    for nonsense in (None, [], "", {}, {"error": "Could not parse JSON: <html>"}, {"response": {"data": None}}):
        assert isinstance(placed_one(nonsense, batch[0]), Unknown)
        assert isinstance(cancelled(nonsense, 1)[0], Unknown)


def test_a_cancel_is_taken_or_finds_nothing_or_is_refused() -> None:
    gone = "Order was never placed, already canceled, or filled."
    statuses = ("success", {"error": gone}, {"error": "Cannot cancel now"}, 7)
    outcomes = cancelled(answered(*statuses), 4)
    assert outcomes[:3] == [Cancelled(), Gone(gone), Rejected("Cannot cancel now")]
    assert isinstance(outcomes[3], Unknown)


def test_an_open_order_has_its_cloid_has_none_or_the_venue_does_not_say() -> None:
    assert open_order({"oid": FIRST, "cloid": "0x1"}) == OpenOrder(str(FIRST), "0x1")
    assert open_order({"oid": 7, "cloid": None}) == OpenOrder("7", None)
    assert open_order({"oid": 7}) == OpenOrder("7", NOT_STATED)
    with pytest.raises(ValueError, match="has to have an oid"):
        open_order({"coin": "BTC"})


def test_an_exception_may_carry_the_answer() -> None:
    assert answer_in(RuntimeError('hyperliquid {"status":"err"}')) == {"status": "err"}
    for text in ("hyperliquid POST 502 Bad Gateway", "", "{", "order {'a': 7}"):
        assert answer_in(RuntimeError(text)) is None


class Scripted(HyperliquidAdapter):
    """An adapter whose client is a list of what it answers."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self.answers = list(answers)
        self.sent: list[Any] = []

    async def close(self) -> None:
        pass

    async def _send(self, orders: Sequence[OrderRequest]) -> object:
        return self._next(orders)

    async def _send_modify(self, oid: str, order: OrderRequest) -> object:
        return self._next((oid, order))

    async def _send_cancels(self, pairs: Sequence[tuple[str, str]]) -> object:
        return self._next(list(pairs))

    async def _fetch(self) -> list[tuple[dict[str, Any], str]]:
        return [(row, row["coin"]) for row in self._next("list")]

    def _next(self, what: object) -> Any:
        self.sent.append(what)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_cancel_names_the_market_that_the_order_was_placed_replaced_or_listed_at() -> None:
    resting = [answered({"resting": {"oid": oid}}) for oid in (7, 8)]
    adapter = Scripted(*resting, [{"oid": 9, "coin": "ETH"}], answered("success", "success", "success"))

    async def play() -> Sequence[object]:
        assert await adapter.place(request("sdk", 1)) == Resting("7")
        assert await adapter.modify("7", request("sdk", 1)) == Resting("8")
        await adapter.open_orders()
        return await adapter.cancel_bulk(["7", "8", "10", "9"])

    outcomes = asyncio.run(play())
    assert adapter.sent[-1] == [("7", "BTC"), ("8", "BTC"), ("9", "ETH")]
    assert [type(outcome) for outcome in outcomes] == [Cancelled, Cancelled, Rejected, Cancelled]


def test_an_answer_without_a_cloid_says_nothing_about_markets_where_answers_are_missing() -> None:
    adapter = Scripted(answered({"resting": {"oid": 7}}))
    asyncio.run(adapter.place_bulk([request("sdk", 1), request("sdk", 2)]))
    assert asyncio.run(adapter.cancel("7")) == NO_MARKET
    assert len(adapter.sent) == 1
    assert asyncio.run(adapter.place_bulk([])) == asyncio.run(adapter.cancel_bulk([])) == []
    assert len(adapter.sent) == 1


def test_the_market_not_seen_for_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orphan_desk.adapters.clients.SYMBOLS_MAX", 2)
    symbols = Symbols()
    for oid in ("7", "8", "7", "9"):
        symbols.remember(oid, "BTC")
    assert [symbols.of(oid) for oid in ("7", "8", "9")] == ["BTC", None, "BTC"]


def test_an_error_inside_an_exception_counts_as_the_answer_that_it_is() -> None:
    raised = RuntimeError(
        'ccxt {"status":"ok","response":{"data":{"statuses":[{"error":"no"},{"resting":{"oid":8}}]}}}'
    )
    adapter = Scripted(raised, TimeoutError("nothing came"), raised)
    batch = [request("sdk", 1), request("sdk", 2)]
    assert asyncio.run(adapter.place_bulk(batch)) == [Rejected("no"), Resting("8")]
    assert asyncio.run(adapter.place_bulk(batch)) == [Unknown("TimeoutError: nothing came")] * 2
    assert asyncio.run(adapter.place(batch[0])) == Unknown("2 answers came for one order")


# the real clients


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_client_places_lists_modifies_and_cancels_with_exact_oids(kind: str) -> None:
    async def play(exchange: FakeExchange, client: Counted) -> None:
        one, two = str(FIRST), str(FIRST + 1)
        assert await client.place(request(kind, 1)) == Resting(one, cloid(1))
        assert await client.open_orders() == [OpenOrder(one, cloid(1))]
        assert await client.modify(one, request(kind, 1, 89_000)) == Resting(two, cloid(1))
        assert await client.open_orders() == [OpenOrder(two, cloid(1))]
        assert isinstance(await client.modify(one, request(kind, 1)), Rejected)
        assert isinstance(await client.place(request(kind, 1)), Unknown)
        assert await client.cancel(two) == Cancelled()
        assert isinstance(await client.cancel(two), Gone)
        assert await client.open_orders() == []
        first = exchange.venue.order(one, exchange.now())
        assert first is not None
        assert (first.asked.price, first.asked.size, first.asked.tif) == (Decimal(90_000), Decimal("0.1"), "Gtc")

    scene(kind, play)


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_batch_is_answered_in_parts_and_cancelled_in_one_call(kind: str) -> None:
    async def play(exchange: FakeExchange, client: Counted) -> None:
        batch = [request(kind, 1), request(kind, 2, 110_000), request(kind, 3, 110_000, tif="Alo"), request(kind, 4)]
        resting, filled, rejected, last = await client.place_bulk(batch)
        assert (resting, filled) == (Resting(str(FIRST), cloid(1)), Filled(str(FIRST + 1), cloid(2)))
        assert isinstance(rejected, Rejected)
        assert last == Resting(str(FIRST + 2), cloid(4))
        oids = [str(FIRST + number) for number in range(3)]
        cancels = await client.cancel_bulk([*oids, "7"])
        assert [type(one) for one in cancels] == [Cancelled, Gone, Cancelled, Rejected]
        assert [type(one) for one in await client.cancel_bulk(["7"])] == [Rejected]

    scene(kind, play)


@pytest.mark.parametrize("kind", CLIENTS)
def test_an_orphan_of_another_market_and_without_a_cloid_is_listed_and_cancelled(kind: str) -> None:
    async def play(exchange: FakeExchange, client: Counted) -> None:
        row = {"a": 1, "b": True, "p": "3000", "s": "1", "r": False, "t": {"limit": {"tif": "Gtc"}}}
        exchange.dialect.answer("/exchange", {"action": {"type": "order", "orders": [row]}}, exchange.now())
        assert await client.open_orders() == [OpenOrder(str(FIRST), None)]
        assert await client.cancel(str(FIRST)) == Cancelled()

    scene(kind, play)


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize(
    "faults",
    [
        Faults(lost_answers=1.0),
        Faults(server_errors=1.0),
        Faults(restart_every=SECOND, restart_takes=SECOND - 1),
    ],
    ids=["lost answers", "server errors", "restarts"],
)
def test_what_is_not_answered_is_unknown_and_never_rejected(kind: str, faults: Faults) -> None:
    async def play(exchange: FakeExchange, client: Counted) -> None:
        assert await client.place(request(kind, 1)) == Resting(str(FIRST), cloid(1))
        await asyncio.sleep(2)
        exchange.faults = faults
        outcomes = [
            await client.place(request(kind, 2)),
            *await client.place_bulk([request(kind, 3), request(kind, 4)]),
            await client.modify(str(FIRST), request(kind, 1, 80_000)),
            await client.cancel(str(FIRST)),
        ]
        assert [type(outcome) for outcome in outcomes] == [Unknown] * 5
        with pytest.raises(Exception, match="."):  # noqa: RUF043 - each client has exceptions of its own
            await client.open_orders()

    scene(kind, play)


def test_an_answer_after_the_timeout_of_the_client_is_unknown() -> None:
    async def play(exchange: FakeExchange, client: Counted) -> None:
        await client.open_orders()
        exchange.faults = Faults(answer_delay=(31 * SECOND, 31 * SECOND))
        outcome = await client.place(request("ccxt-async", 1))
        assert isinstance(outcome, Unknown)
        assert outcome.reason.startswith("RequestTimeout")
        assert asyncio.get_running_loop().time() == 30
        assert len(exchange.venue.history(exchange.now())) == 1

    scene("ccxt-async", play)


def test_ccxt_as_it_comes_posts_what_the_exchange_does_not_know_and_a_client_made_here_does_not() -> None:
    """The options alone do not stop the approval of a builder's fee: the reason for `initialize_client` being replaced."""
    import ccxt

    async def play(exchange: FakeExchange, client: Counted) -> None:
        assert isinstance(client.adapter, CcxtHyperliquid)
        await client.place(request("ccxt", 1))
        assert exchange.dialect.unknown == []
        api = {"public": exchange.url, "private": exchange.url}
        for options, posted in (
            ({}, ["approveBuilderFee", "setReferrer", "userAbstraction"]),
            (None, ["approveBuilderFee"]),
        ):
            settings = {"privateKey": KEY, "walletAddress": ADDRESS, "urls": {"api": api}, "enableRateLimit": False}
            quiet = client.adapter.client.options if options is None else options
            kept = {name: quiet[name] for name in ("builderFee", "refSet", "enableUnifiedMargin") if name in quiet}
            noisy = ccxt.hyperliquid(settings | {"options": kept})
            await client.count(asyncio.to_thread(noisy.load_markets))
            said = " ".join(exchange.dialect.unknown)
            assert [name for name in ("approveBuilderFee", "setReferrer", "userAbstraction") if name in said] == posted
            exchange.dialect.unknown.clear()

    scene("ccxt", play)


def test_an_option_that_no_venue_knows_is_refused_in_one_line() -> None:
    async def play(exchange: FakeExchange, client: Counted) -> None:
        for options, said in (({"colour": 1}, "there are: tif, reduce_only"), ({"tif": "Fok"}, "tif is one of Gtc")):
            outcome = await client.place(request("sdk", 1, **options))
            assert isinstance(outcome, Unknown)
            assert said in outcome.reason
        assert exchange.venue.history(exchange.now()) == ()

    scene("sdk", play)


@pytest.mark.parametrize(
    ("module", "kind", "extra"),
    [
        ("hyperliquid.exchange", "sdk", "orphan-tracker[hyperliquid]"),
        ("eth_account", "sdk", "orphan-tracker[hyperliquid]"),
        ("ccxt", "ccxt", "orphan-tracker[ccxt]"),
        ("ccxt.async_support", "ccxt-async", "orphan-tracker[ccxt]"),
    ],
)
def test_a_missing_client_is_named_with_the_extra_that_brings_it(
    module: str, kind: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingClientError, match=r"is not installed; install it with") as refusal:
        connect(kind, "http://127.0.0.1:9")
    assert extra in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_adapters_are_imported_without_a_client() -> None:
    for name in ("hyperliquid", "ccxt", "eth_account"):
        assert name not in vars(sys.modules["orphan_desk.adapters"])
    assert HyperliquidSdk.__module__ == "orphan_desk.adapters.hyperliquid_sdk"


def test_the_guard_sees_what_leaves_the_machine() -> None:
    import socket

    with pytest.raises(AssertionError, match="outside this machine"), loopback_only():  # noqa: SIM117
        with pytest.raises(PermissionError), socket.socket() as connection:
            connection.connect(("192.0.2.1", 80))
