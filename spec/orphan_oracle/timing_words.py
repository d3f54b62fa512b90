"""The timing guarantees in words, bars and figures: what the text, the page, the picture and the Markdown all show.

Two rules. Every number stands here once, and every form of the document takes it from here. A figure is nothing but a
witness trace with a title.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from orphan_oracle.durations import UNITS, format_duration
from orphan_proofs.advice import Suggestion
from orphan_proofs.liveness import course
from orphan_proofs.promises import Promise, Promises
from orphan_proofs.tuning import Numbers
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import Event, Finalize, RecordOid, Register, Sync

ALWAYS: Final = "always"
NEVER: Final = "never"


def span(nanoseconds: int) -> str:
    """A duration as people say it, exact: `10.5 s`, `500 ms`."""
    size, unit = next(((size, unit) for unit, size in _UNITS if nanoseconds >= size), (1, "ns"))
    whole, rest = divmod(nanoseconds, size)
    decimals = f"{rest:0{len(str(size)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole:,}{'.' if decimals else ''}{decimals} {unit}" if nanoseconds else "0 s"


_UNITS: Final = tuple((unit, UNITS[unit]) for unit in ("s", "ms", "us", "ns"))


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a bar."""

    label: str
    ns: int
    kind: str
    """`used`, `free`, `over`, or the name of a part of L1."""


@dataclass(frozen=True, slots=True)
class Card:
    """One guarantee as it is shown."""

    id: str
    name: str
    claim: str
    status: str
    condition: str
    number: str
    margin: str
    bar: tuple[Part, ...]
    assumes: tuple[str, ...]
    note: str


def cards(found: Promises) -> list[Card]:
    """Every guarantee."""
    return [_card(promise, found) for promise in found.promises]


def _card(promise: Promise, found: Promises) -> Card:
    guarantee = promise.guarantee
    status = promise.status.replace("_", " ")
    margin, bar = _margin(promise, found.constants, found.environment)
    return Card(
        guarantee.id,
        guarantee.name.replace("_", " "),
        guarantee.claim,
        status,
        condition(promise),
        bound(promise.bound_ns, promise.attained),
        margin,
        bar,
        promise.assumes,
        promise.note,
    )


def condition(promise: Promise) -> str:
    """When it holds."""
    if promise.status == "not_modelled":
        return ""
    if promise.holds_when is None:
        return ALWAYS if promise.status == "proved" else NEVER
    words: list[str] = []
    for one in promise.holds_when:
        if one.less_than_ns is not None:
            words.append(f"while {one.parameter} < {span(one.less_than_ns)}")
        elif one.at_most_ns is not None:
            words.append(f"while {one.parameter} ≤ {span(one.at_most_ns)}")
        else:
            words.append(f"only with a limit on {one.parameter}")
    return " and ".join(words)


def bound(ns: int | None, attained: bool) -> str:
    """A bound in words."""
    if ns is None:
        return ""
    return f"{span(ns)}, {'reached' if attained else 'only approached'}"


def _margin(promise: Promise, constants: Constants, environment: Environment) -> tuple[str, tuple[Part, ...]]:
    latency = environment.response_latency_max
    if promise.guarantee.id == "S3" and promise.holds_when:
        limit = promise.holds_when[0].less_than_ns or 0
        return _against(latency, limit, "answers", strict=True)
    if promise.guarantee.id == "L2":
        return _against(latency, constants.expected_cloid_ttl, "answers", strict=True)
    if promise.guarantee.id == "L1" and promise.bound_ns is not None:
        return "", tuple(_parts(constants, environment))
    return "", ()


def _against(used: int | None, limit: int, what: str, *, strict: bool) -> tuple[str, tuple[Part, ...]]:
    if used is None:
        return f"{what} may take any time: no margin", (Part(f"limit {span(limit)}", limit, "over"),)
    if used > limit or (strict and used == limit):
        over = (
            f"{what} up to {span(used)}, {span(used - limit)} over"
            if used > limit
            else f"{what} up to just {span(used)}"
        )
        return over, (Part(f"limit {span(limit)}", limit, "used"), Part("over", max(used - limit, limit // 50), "over"))
    left = limit - used
    return f"{span(left)} to spare", (
        Part(f"{what} up to {span(used)}", used, "used"),
        Part(f"{span(left)} free", left, "free"),
    )


def _parts(constants: Constants, environment: Environment) -> Iterator[Part]:
    found = course(constants, environment)
    assert found is not None
    yield Part(f"unseen {span(found.late + found.period)}", found.late + found.period, "unseen")
    if found.stretch.ns:
        yield Part(f"young {span(found.stretch.ns)}", found.stretch.ns, "young")
    yield Part(f"aged {span(found.period)}", found.period, "aged")


@dataclass(frozen=True, slots=True)
class Figure:
    """A witness, to be drawn."""

    guarantee: str
    title: str
    caption: str
    events: tuple[Event, ...]
    start: int
    """The instant from which the measured time runs."""
    end: int
    rests_at: int | None
    """When the order begins to rest; None where no order matters."""
    measured: str
    """The time from start to end, in words."""


def figures(found: Promises) -> list[Figure]:
    """Every witness that there is."""
    shown: list[Figure] = []
    flight, orphan, expectation = found["S3"], found["L1"], found["L2"]
    if flight.witness and flight.holds_when:
        at = flight.holds_when[0].less_than_ns or 0
        caption = (
            f"An answer that takes {span(at)} or longer comes too late: this is the earliest sync that can cancel."
        )
        title = "A good order, cancelled before its answer"
        shown.append(Figure("S3", title, caption, flight.witness, 0, at, 0, span(at)))
    if orphan.witness and orphan.bound_ns is not None:
        end = orphan.witness[-1].t
        close = (
            ""
            if orphan.attained
            else f" Drawn: {span(end)}; runs come as close to it as one likes, and none reaches it."
        )
        caption = f"An order that nobody knows is gone within {span(orphan.bound_ns)}.{close}"
        title = "A true orphan, cancelled as late as can be"
        shown.append(Figure("L1", title, caption, orphan.witness, 0, end, 0, span(end)))
    if found.finalized_witness:
        shown.append(_lost(found))
    if expectation.witness and expectation.bound_ns:
        end = expectation.bound_ns
        caption = f"Nobody answers: the CLOID is expected for {span(end)}, and not a nanosecond longer."
        shown.append(Figure("L2", "An expectation ends", caption, expectation.witness, 0, end, None, span(end)))
    return shown


def _lost(found: Promises) -> Figure:
    stay = next(stay for stay in found.stays if stay.kind == "finalized")
    caption = (
        f"Finalized, but in no local book: gone within {span(stay.bound.ns)} after its protection, "
        f"within {span(stay.in_all)} after it was finalized."
    )
    start, events = found.constants.finalized_protection_period, found.finalized_witness
    end = events[-1].t
    title = "A finalized order that got lost"
    return Figure("L1", title, caption, events, start, end, 0, span(end - start))


def happenings(figure: Figure) -> list[tuple[str, str, str]]:
    """The trace in words: when, who, what."""
    return [(span(event.t), *_happening(event)) for event in figure.events]


def _happening(event: Event) -> tuple[str, str]:
    match event:
        case Register():
            return "client", "registers the CLOID"
        case RecordOid(_, _, oid):
            return "exchange", f"answers: order {oid}"
        case Finalize(_, _, oid):
            return "client", f"finalizes order {oid}"
        case Sync(t, as_of, listing, _, cancelled):
            age = f", {span(t - as_of)} old" if as_of < t else ""
            seen = (
                "cancels the order"
                if cancelled
                else "sees the order and keeps it"
                if listing
                else "does not see the order"
            )
            return "sync", f"{seen} (snapshot as of {span(as_of)}{age})"
        case _:
            return "tracker", "the expected window is over"


def settings(constants: Constants, environment: Environment) -> list[tuple[str, str]]:
    """Every constant and every assumption, with its value in words."""
    rows = [(name, span(getattr(constants, name))) for name in Constants.__dataclass_fields__]
    for name in Environment.__dataclass_fields__:
        value: int | str | None = getattr(environment, name)
        words = "no assumption" if value is None else span(value) if isinstance(value, int) else value
        rows.append((name, "every order is ours" if value is None and name == "owned_cloid_prefix" else words))
    return rows


def limits(numbers: Numbers) -> tuple[str, str, str]:
    """The numbers that constants trade: safe below, gone within, lost within."""
    safe = "any latency" if numbers.safe_below is None else span(numbers.safe_below)
    gone = "no bound" if numbers.gone_within is None else span(numbers.gone_within)
    return safe, gone, "no bound" if numbers.lost_within is None else span(numbers.lost_within)


LIMITS: Final = ("safe with answers below", "orphan gone within", "lost order gone within")
"""What the numbers of `limits` mean."""


def effect(before: Numbers, after: Numbers) -> str:
    """What a change buys and costs, in one sentence."""
    sentences: list[str] = []
    for what, old, new in zip(LIMITS, limits(before), limits(after), strict=True):
        if old != new:
            sentences.append(f"{what}: {old} → {new}")
    return "; ".join(sentences) or "changes none of these numbers"


def suggestion_words(found: Suggestion) -> list[str]:
    """A suggestion, line by line."""
    if found.constants is None:
        return [f"no constants fulfil the wish: {found.conflict}"]
    most = "any longer one" if found.grace_max is None else span(found.grace_max)
    lines = [f"every orphan_grace_period from {span(found.grace_min)} to {most} fulfils the wish; nearest to yours:"]
    values = [(name, format_duration(getattr(found.constants, name))) for name in Constants.__dataclass_fields__]
    return [*lines, "[tracker]", *(f'{name} = "{value}"' for name, value in values)]
