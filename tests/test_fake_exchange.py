"""The fake exchange: orders and ids as of any instant, Hyperliquid's words, and what every fault does on the wire."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orphan_desk.exchange import (
    Dialect,
    Done,
    FakeExchange,
    Faults,
    Fills,
    Happening,
    NewOrder,
    Refused,
    Rests,
    UnknownRequestError,
    Venue,
)
from orphan_tracker import Ended
from virtual_time import run

SECOND = 1_000_000_000
FIRST = 2**53 + 1


def bid(price: int = 90_000, cloid: str | None = None, tif: str = "Gtc") -> NewOrder:
    return NewOrder("BTC", True, Decimal(price), Decimal("0.1"), cloid, tif)


# the exchange, as a dialogue


def test_an_order_rests_under_a_new_oid_above_2_to_the_53_and_is_listed_as_of_any_instant() -> None:
    venue = Venue()
    assert venue.place(bid(cloid="c"), 5) == Rests(str(FIRST))
    assert venue.place(bid(), 6) == Rests(str(FIRST + 1))
    assert venue.cancel(str(FIRST), 8) == Done()
    listed = {as_of: [order.oid for order in venue.open_orders(as_of, 10)] for as_of in (4, 5, 6, 7, 8, 10)}
    one, two = str(FIRST), str(FIRST + 1)
    assert listed == {4: [], 5: [one], 6: [one, two], 7: [one, two], 8: [two], 10: [two]}


def test_a_slow_cancel_leaves_the_order_resting_until_it_is_done() -> None:
    truth: list[Happening] = []
    venue = Venue(listen=truth.append)
    venue.place(bid(cloid="c"), 0)
    assert venue.cancel(str(FIRST), 1, delay=9) == Done()
    assert venue.next_due == 10
    assert [order.oid for order in venue.open_orders(9, 9)] == [str(FIRST)]
    assert venue.cancel(str(FIRST), 9, delay=9) == Done()
    assert venue.open_orders(10, 10) == ()
    assert isinstance(venue.cancel(str(FIRST), 11), Refused)
    assert truth == [Happening("accept", 0, str(FIRST), "c"), Happening("end", 10, str(FIRST), "c", Ended.CANCELLED)]


def test_a_fill_overtakes_a_slow_cancel() -> None:
    venue = Venue()
    venue.place(bid(), 0)
    venue.cancel(str(FIRST), 1, delay=9)
    assert venue.fill(str(FIRST), Decimal("0.1"), 5)
    order = venue.order(str(FIRST), 20)
    assert order is not None
    assert (order.ends_at, order.how) == (5, Ended.FILLED)


def test_a_modify_ends_the_old_oid_and_rests_a_new_one_of_the_same_cloid_at_one_instant() -> None:
    truth: list[Happening] = []
    venue = Venue(listen=truth.append)
    venue.place(bid(cloid="c"), 0)
    assert venue.modify("c", bid(89_000, "c"), 7) == Rests(str(FIRST + 1))
    assert [(one.event, one.at, one.oid, one.how) for one in truth[1:]] == [
        ("end", 7, str(FIRST), Ended.REPLACED),
        ("accept", 7, str(FIRST + 1), None),
    ]
    assert isinstance(venue.modify(str(FIRST), bid(), 8), Refused)
    order = venue.order("c", 8)
    assert order is not None
    assert order.oid == str(FIRST + 1)


def test_what_is_refused_changes_nothing() -> None:
    venue = Venue()
    venue.place(bid(cloid="c"), 0)
    refused = (
        venue.place(bid(cloid="c"), 1),
        venue.place(bid(110_000, tif="Alo"), 1),
        venue.place(bid(tif="Ioc"), 1),
        venue.place(NewOrder("DOGE", True, Decimal(1), Decimal(1)), 1),
        venue.place(NewOrder("BTC", True, Decimal(1), Decimal(0)), 1),
        venue.modify(str(FIRST), bid(110_000, tif="Alo"), 1),
        venue.cancel("7", 1),
        venue.cancel_by_cloid("d", 1),
    )
    assert all(isinstance(answer, Refused) and answer.reason for answer in refused)
    assert [order.oid for order in venue.history(2)] == [str(FIRST)]
    assert venue.place(bid(), 2) == Rests(str(FIRST + 1))


def test_an_order_that_crosses_the_mark_is_filled_at_once_and_never_rests() -> None:
    venue = Venue()
    assert venue.place(bid(110_000, "c"), 3) == Fills(str(FIRST), Decimal("0.1"), Decimal(100_000))
    assert venue.open_orders(3, 3) == ()
    assert venue.place(bid(cloid="c"), 4) == Rests(str(FIRST + 1))


def test_parts_are_filled_and_the_last_one_ends_the_order() -> None:
    truth: list[Happening] = []
    venue = Venue(listen=truth.append)
    venue.place(bid(), 0)
    assert venue.fill(str(FIRST), Decimal("0.04"), 1)
    assert venue.fill(str(FIRST), Decimal(5), 2)
    assert not venue.fill(str(FIRST), Decimal(1), 3)
    assert [(one.event, one.at) for one in truth] == [("accept", 0), ("fill", 1), ("end", 2)]
    order = venue.order(str(FIRST), 3)
    assert order is not None
    assert (order.filled_by(1), order.filled_by(2)) == (Decimal("0.04"), Decimal("0.1"))


def test_time_never_goes_back_and_ended_orders_are_forgotten_after_an_hour() -> None:
    venue = Venue()
    venue.place(bid(cloid="c"), 5)
    venue.expire(str(FIRST), 6)
    with pytest.raises(ValueError, match="never goes back"):
        venue.advance(5)
    assert venue.order("c", 3_600 * SECOND + 6) is not None
    assert venue.order("c", 3_600 * SECOND + 7) is None
    with pytest.raises(ValueError, match="it has to be of the last"):
        venue.open_orders(5, 3_600 * SECOND + 7)


moves = st.lists(st.tuples(st.sampled_from("pcmfe"), st.integers(0, 5), st.integers(0, 3)), max_size=25)


@given(moves)
def test_a_list_as_of_an_instant_is_the_list_that_was_given_at_it(script: list[tuple[str, int, int]]) -> None:
    venue, now, given_lists, truth = Venue(), 0, dict[int, list[str]](), list[Happening]()
    venue._tell = truth.append
    for move, which, wait in script:
        oid = str(FIRST + which)
        match move:
            case "p":
                venue.place(bid(cloid=str(which)), now)
            case "c":
                venue.cancel(oid, now, delay=wait)
            case "m":
                venue.modify(oid, bid(cloid=str(which)), now)
            case "f":
                venue.fill(oid, Decimal("0.06"), now)
            case _:
                venue.expire(oid, now)
        given_lists[now] = [order.oid for order in venue.open_orders(now, now)]
        now += wait + 1
    for as_of, listed in given_lists.items():
        assert [order.oid for order in venue.open_orders(as_of, now)] == listed
        accepted = {one.oid for one in truth if one.event == "accept" and one.at <= as_of}
        assert set(listed) == accepted - {one.oid for one in truth if one.event == "end" and one.at <= as_of}
    assert [one.at for one in truth] == sorted(one.at for one in truth)


# Hyperliquid's words


def wire(price: str = "90000", cloid: str | None = None, tif: str = "Gtc") -> dict[str, Any]:
    row = {"a": 0, "b": True, "p": price, "s": "0.1", "r": False, "t": {"limit": {"tif": tif}}}
    return row if cloid is None else row | {"c": cloid}


def order(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"action": {"type": "order", "orders": list(rows), "grouping": "na"}, "nonce": 1, "signature": {}}


def test_a_batch_is_answered_order_by_order() -> None:
    dialect = Dialect(Venue())
    answer = dialect.answer("/exchange", order(wire(cloid="0x01"), wire("110000"), wire("110000", tif="Alo")), 1)
    assert answer["response"]["data"]["statuses"] == [
        {"resting": {"oid": FIRST, "cloid": "0x01"}},
        {"filled": {"oid": FIRST + 1, "totalSz": "0.1", "avgPx": "100000"}},
        {"error": "Post only order would have immediately matched, bbo was 100000@100000."},
    ]


def test_a_batch_with_one_malformed_order_places_none() -> None:
    dialect = Dialect(Venue())
    with pytest.raises(UnknownRequestError, match="has to be a limit order"):
        dialect.answer("/exchange", order(wire(), {"a": 7}), 1)
    assert dialect.venue.history(1) == ()


def test_a_single_modify_is_answered_without_its_oid() -> None:
    dialect = Dialect(Venue())
    dialect.answer("/exchange", order(wire(cloid="0x01")), 1)
    modify = {"action": {"type": "modify", "oid": FIRST, "order": wire("80000", "0x01")}}
    assert dialect.answer("/exchange", modify, 2) == {"status": "ok", "response": {"type": "default"}}
    refusal = {"status": "err", "response": "Cannot modify canceled or filled order"}
    assert dialect.answer("/exchange", modify, 3) == refusal
    assert [one.oid for one in dialect.venue.open_orders(3, 3)] == [str(FIRST + 1)]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/exchange", {"action": {"type": "setReferrer", "code": "X"}}, "'setReferrer' is not known; there are: order"),
        ("/exchange", {"action": {"type": "approveBuilderFee"}}, "'approveBuilderFee' is not known"),
        ("/exchange", {"action": {"type": "order"}}, "order without orders"),
        ("/exchange", order(wire(tif="Fok")), "there are: Gtc, Ioc, Alo"),
        ("/exchange", {"action": {"type": "cancel", "cancels": [{"a": 0}]}}, "name an order by 'o'"),
        ("/exchange", {"action": {"type": "batchModify", "modifies": [{}]}}, "name an order by 'oid'"),
        ("/exchange", [], "of type 'None' is not known"),
        ("/info", {"type": "userAbstraction"}, "'userAbstraction' is not known; there are: meta"),
        ("/info", {"type": ["meta"]}, "is not known"),
        ("/info", None, "of type 'None' is not known"),
        ("/admin", {}, "there are: /info, /exchange"),
    ],
)
def test_what_is_not_known_is_refused_and_remembered(path: str, body: Any, said: str) -> None:
    dialect = Dialect(Venue())
    with pytest.raises(UnknownRequestError) as refusal:
        dialect.answer(path, body, 1)
    assert said in str(refusal.value)
    assert dialect.unknown == [str(refusal.value)]


def test_status_history_and_fills_tell_what_became_of_an_order() -> None:
    dialect = Dialect(Venue())
    dialect.answer("/exchange", order(wire(cloid="0x01"), wire("110000")), 5_000_000)

    def status(name: object) -> Any:
        return dialect.answer("/info", {"type": "orderStatus", "user": "0x", "oid": name}, 6_000_000)

    assert status(FIRST)["order"]["status"] == status("0x01")["order"]["status"] == "open"
    assert status(FIRST + 1)["order"]["status"] == "filled"
    assert status(7) == {"status": "unknownOid"}
    fills = dialect.answer("/info", {"type": "userFills", "user": "0x"}, 7_000_000)
    assert [(fill["oid"], fill["sz"], fill["time"]) for fill in fills] == [(FIRST + 1, "0.1", 5)]
    by_time = {"type": "userFillsByTime", "user": "0x", "startTime": 6}
    assert dialect.answer("/info", by_time, 7_000_000) == []
    dialect.answer("/exchange", {"action": {"type": "cancelByCloid", "cancels": [{"cloid": "0x01"}]}}, 8_000_000)
    rows = dialect.answer("/info", {"type": "historicalOrders", "user": "0x"}, 9_000_000)
    assert [(row["order"]["oid"], row["status"]) for row in rows] == [(FIRST, "canceled"), (FIRST + 1, "filled")]


# on the wire, fault by fault

Post = Callable[[str, Any], Awaitable[Any]]


async def post(exchange: FakeExchange, path: str, body: Any) -> Any:
    """One POST on a connection of its own: the JSON, or the status where it is not 200; None where it was reset."""
    host, port = exchange.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        text = json.dumps(body).encode()
        writer.write(
            f"POST {path} HTTP/1.1\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n".encode() + text
        )
        answer = await reader.read()
    except ConnectionResetError:
        return None
    finally:
        writer.close()
    head, _, content = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1])
    return json.loads(content) if status == 200 else status


LIST = {"type": "frontendOpenOrders", "user": "0x"}


def scene(faults: Faults, play: Callable[[FakeExchange, Post], Awaitable[Any]], seed: int = 0) -> Any:
    """Plays against an exchange in virtual time."""

    async def main(loop: Any) -> Any:
        asked = 0

        async def ask(path: str, body: Any) -> Any:
            nonlocal asked
            asked += 1
            try:
                return await post(exchange, path, body)
            finally:
                asked -= 1

        async with FakeExchange(faults=faults, seed=seed) as exchange:
            loop.busy = lambda: asked > exchange.held
            return await play(exchange, ask)

    return run(main)


def now() -> float:
    return asyncio.get_running_loop().time()


def test_an_answer_is_delayed_while_the_order_rests_already() -> None:
    async def play(exchange: FakeExchange, ask: Post) -> None:
        placing = asyncio.ensure_future(ask("/exchange", order(wire())))
        await asyncio.sleep(0.5)
        assert [one.oid for one in exchange.venue.open_orders(exchange.now(), exchange.now())] == [str(FIRST)]
        assert not placing.done()
        assert (await placing)["status"] == "ok"
        assert now() == 1.0

    scene(Faults(answer_delay=(SECOND, SECOND)), play)


def test_a_lost_answer_was_accepted() -> None:
    async def play(exchange: FakeExchange, ask: Post) -> None:
        assert await ask("/exchange", order(wire())) is None
        assert len(exchange.venue.history(exchange.now())) == 1

    scene(Faults(lost_answers=1.0), play)


def test_a_stale_list_shows_the_orders_of_a_while_ago() -> None:
    async def play(exchange: FakeExchange, ask: Post) -> None:
        await asyncio.sleep(20)
        await ask("/exchange", order(wire()))
        assert await ask("/info", LIST) == []
        await asyncio.sleep(11)
        assert await ask("/info", LIST) == []
        await asyncio.sleep(1)
        assert [row["oid"] for row in await ask("/info", LIST)] == [FIRST]

    scene(Faults(stale_lists=12 * SECOND), play)


def test_an_incomplete_list_lacks_every_other_order_and_the_next_is_whole() -> None:
    async def play(exchange: FakeExchange, ask: Post) -> None:
        await ask("/exchange", order(wire(), wire(), wire()))
        listed = [[row["oid"] - FIRST for row in await ask("/info", LIST)] for _ in range(3)]
        assert listed == [[0, 2], [0, 1, 2], [0, 2]]

    scene(Faults(incomplete_lists=1.0), play)


def test_a_slow_cancel_is_confirmed_at_once() -> None:
    async def play(exchange: FakeExchange, ask: Post) -> None:
        await ask("/exchange", order(wire()))
        cancel = {"action": {"type": "cancel", "cancels": [{"a": 0, "o": FIRST}]}}
        assert (await ask("/exchange", cancel))["response"]["data"]["statuses"] == ["success"]
        assert len(await ask("/info", LIST)) == 1
        await asyncio.sleep(3)
        assert await ask("/info", LIST) == []

    scene(Faults(slow_cancels=(3 * SECOND, 3 * SECOND)), play)


def test_a_part_of_a_batch_is_rejected() -> None:
    async def play(exchange: FakeExchange, ask: Post) -> list[str]:
        answer = await ask("/exchange", order(*[wire() for _ in range(20)]))
        return ["".join(status) for status in answer["response"]["data"]["statuses"]]

    kinds = scene(Faults(rejects=0.5), play)
    assert {"error", "resting"} == set(kinds)
    assert kinds == scene(Faults(rejects=0.5, lost_answers=0.0, answer_delay=(1, 5)), play)
    assert kinds != scene(Faults(rejects=0.5), play, seed=1)


def test_one_half_of_the_server_errors_strikes_after_the_order_was_accepted() -> None:
    async def play(exchange: FakeExchange, ask: Post) -> int:
        assert {await ask("/exchange", order(wire())) for _ in range(20)} == {502}
        return len(exchange.venue.history(exchange.now()))

    assert 3 < scene(Faults(server_errors=1.0), play) < 17


def test_a_restart_resets_connections_for_a_while_and_loses_what_was_on_its_way() -> None:
    async def play(exchange: FakeExchange, ask: Post) -> None:
        await asyncio.sleep(9.5)
        assert await ask("/exchange", order(wire())) is None
        assert now() == 10.5
        assert await ask("/info", {"type": "meta"}) is None
        await asyncio.sleep(1.5)
        assert [row["oid"] for row in await ask("/info", LIST)] == [FIRST]

    scene(Faults(restart_every=10 * SECOND, restart_takes=2 * SECOND, answer_delay=(SECOND, SECOND)), play)


def test_loading_markets_works_under_every_fault_of_answers() -> None:
    async def play(exchange: FakeExchange, ask: Post) -> None:
        for kind in ("meta", "spotMeta", "metaAndAssetCtxs", "spotMetaAndAssetCtxs", "perpDexs", "allMids"):
            assert await ask("/info", {"type": kind})
        assert now() == 0
        assert exchange.dialect.unknown == []

    scene(Faults(lost_answers=1.0, server_errors=1.0, answer_delay=(SECOND, SECOND)), play)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /info HTTP/1.1\r\n\r\n", 405),
        (b"POST /info HTTP/1.1\r\nContent-Length: 3\r\n\r\n{]}", 400),
        (b"POST /info HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /info HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST /info HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n", 413),
        (b"POST /info HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"POST /info HTTP/1.1\r\nx: " + b"y" * 70_000 + b"\r\n\r\n", 400),
        (b"POST /info HTTP/1.1\r\nContent-Length: 18\r\n\r\n" + b'{"type":"hello!!"}', 422),
        (b"POST /info HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"[" * 100_000, 400),
    ],
)
def test_what_is_no_request_is_answered_by_its_status(request_bytes: bytes, status: int) -> None:
    async def main(loop: Any) -> bytes:
        async with FakeExchange() as exchange:
            loop.busy = lambda: True
            host, port = exchange.url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(request_bytes)
            first = await reader.readline()
            writer.close()
            return first

    assert run(main).split(b" ")[1] == str(status).encode()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "example.org", "", "127.0.0.1.example.org"])
def test_no_address_but_a_loopback_one_is_served(host: str) -> None:
    with pytest.raises(ValueError, match="on this machine only"):
        FakeExchange(host=host)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rejects": 2}, "a share from 0 to 1"),
        ({"lost_answers": float("nan")}, "a share from 0 to 1"),
        ({"answer_delay": (2, 1)}, "the shorter first"),
        ({"stale_lists": -1}, "not negative"),
        ({"stale_lists": 3_601 * SECOND}, "an hour"),
        ({"restart_every": 5, "restart_takes": 5}, "below restart_every"),
    ],
)
def test_a_fault_that_cannot_be_meant_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Faults(**wrong)
