"""The report of `guarantees`: the JSON document and the text.

Two rules. The document has the fields that the format promises, for each guarantee exactly these, and what else there is
to say stands beside them at the top. A bound is a number or null, and null means that there is none.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from orphan_oracle.codec import Version, encode
from orphan_oracle.timing_words import (
    LIMITS,
    Card,
    cards,
    effect,
    limits,
    settings,
    span,
    suggestion_words,
)
from orphan_proofs.advice import Suggestion
from orphan_proofs.promises import Promise, Promises
from orphan_proofs.tuning import Numbers
from orphan_spec.constants import Constants, Environment


@dataclass(frozen=True, slots=True)
class ConditionDocument:
    """What a fact of the environment must satisfy; both limits null: that it has a limit at all."""

    parameter: str
    less_than_ns: int | None
    at_most_ns: int | None


@dataclass(frozen=True, slots=True)
class TimingDocument:
    """A guarantee for the given constants."""

    id: str
    status: Literal["proved", "refuted", "not_modelled"]
    holds_when: tuple[ConditionDocument, ...] | None
    bound_ns: int | None
    attained: bool
    assumes: tuple[str, ...]
    witness: tuple[dict[str, Any], ...] | None
    """A trace that `check` reads."""


@dataclass(frozen=True, slots=True)
class ConflictDocument:
    """Constants that contradict each other."""

    parameters: tuple[str, ...]
    reason: str
    nearest: tuple["RemedyDocument", ...]


@dataclass(frozen=True, slots=True)
class RemedyDocument:
    """A constant with the nearest value that would do."""

    parameter: str
    value_ns: int


@dataclass(frozen=True, slots=True)
class StayDocument:
    """How long an orphan of one kind stays."""

    kind: str
    since: str
    bound_ns: int
    attained: bool
    in_all_ns: int


@dataclass(frozen=True, slots=True)
class NumbersDocument:
    """What constants come to; null: any latency, or no bound."""

    safe_below_ns: int | None
    gone_within_ns: int | None
    lost_within_ns: int | None


@dataclass(frozen=True, slots=True)
class ChangeDocument:
    """One constant moved, and what that comes to."""

    parameter: str
    before_ns: int
    after_ns: int
    numbers: NumbersDocument


@dataclass(frozen=True, slots=True)
class AdviceDocument:
    """A piece of advice of the origin, from the default constants in this environment."""

    advice: str
    before: NumbersDocument
    after: NumbersDocument


@dataclass(frozen=True, slots=True)
class SuggestionDocument:
    """Constants that fulfil a wish, or why none do."""

    no_false_cancellation: bool
    orphans_gone_within_ns: int | None
    orphan_grace_period_min_ns: int | None
    orphan_grace_period_max_ns: int | None
    config: Constants | None
    conflict: str | None


@dataclass(frozen=True, slots=True)
class GuaranteesDocument:
    """Everything that can be promised for one configuration."""

    version: Version
    config: Constants
    environment: Environment
    guarantees: tuple[TimingDocument, ...]
    conflicts: tuple[ConflictDocument, ...]
    remarks: tuple[str, ...]
    stays: tuple[StayDocument, ...]
    sensitivity: tuple[ChangeDocument, ...]
    advice: tuple[AdviceDocument, ...]
    suggestion: SuggestionDocument | None


def guarantees_document(found: Promises, suggestion: Suggestion | None = None) -> GuaranteesDocument:
    """The report as it is written in JSON."""
    return GuaranteesDocument(
        1,
        found.constants,
        found.environment,
        tuple(map(_timing, found.promises)),
        tuple(
            ConflictDocument(c.parameters, c.reason, tuple(RemedyDocument(r.parameter, r.value_ns) for r in c.nearest))
            for c in found.conflicts
        ),
        found.remarks,
        tuple(StayDocument(s.kind, s.since, s.bound.ns, s.bound.attained, s.in_all) for s in found.stays),
        tuple(ChangeDocument(c.parameter, c.before, c.after, _numbers(c.numbers)) for c in found.sensitivity),
        tuple(AdviceDocument(a.advice, _numbers(a.before), _numbers(a.after)) for a in found.advice),
        None if suggestion is None else _suggestion(suggestion),
    )


def _timing(promise: Promise) -> TimingDocument:
    conditions = promise.holds_when
    witness = promise.witness
    return TimingDocument(
        promise.guarantee.id,
        promise.status,
        None if conditions is None else tuple(ConditionDocument(**asdict(one)) for one in conditions),
        promise.bound_ns,
        promise.attained,
        promise.assumes,
        None if witness is None else tuple(json.loads(encode(event)) for event in witness),
    )


def _numbers(numbers: Numbers) -> NumbersDocument:
    return NumbersDocument(numbers.safe_below, numbers.gone_within, numbers.lost_within)


def _suggestion(found: Suggestion) -> SuggestionDocument:
    wish, possible = found.wish, found.constants is not None
    return SuggestionDocument(
        wish.no_false_cancellation,
        wish.orphans_gone_within,
        found.grace_min if possible else None,
        found.grace_max if possible else None,
        found.constants,
        found.conflict or None,
    )


def guarantees_text(found: Promises, suggestion: Suggestion | None = None, label: str = "") -> Iterator[str]:
    """The report as people read it, line by line."""
    if label:
        yield f"preset: {label}"
        yield ""
    yield from _columns(settings(found.constants, found.environment))
    yield ""
    for card in cards(found):
        yield from _guarantee(card)
    yield ""
    for conflict in found.conflicts:
        yield f"conflict: {conflict}"
    for remark in found.remarks:
        yield f"remark: {remark}"
    if found.conflicts or found.remarks:
        yield ""
    yield from _stays(found)
    yield from _sensitivity(found)
    yield from _advice(found)
    if suggestion is not None:
        yield from suggestion_words(suggestion)
        yield ""
    yield f"each number confirmed in both directions by {found.solver}, over dense time and any number of syncs"
    yield "verdict: everything holds" if found.holds else "verdict: something does not hold"


def _guarantee(card: Card) -> Iterator[str]:
    facts = [card.number, card.condition, f"assuming {', '.join(card.assumes)}" if card.assumes else ""]
    line = "; ".join(fact for fact in facts if fact)
    yield f"{card.id:<3} {card.name:<36} {card.status:<13} {line or card.note}".rstrip()
    if card.bar:
        labels = ", ".join(part.label for part in card.bar)
        yield f"    {'':<36} {_bar(card)}  {card.margin or labels}"


GLYPHS = {"used": "█", "free": "░", "over": "▒", "unseen": "░", "young": "▒", "aged": "█"}


def _bar(card: Card, width: int = 24) -> str:
    total = sum(part.ns for part in card.bar)
    ends, at = [0], 0
    for part in card.bar:
        at += part.ns
        ends.append(round(width * at / total))
    return "".join(GLYPHS[p.kind] * (b - a) for p, a, b in zip(card.bar, ends, ends[1:], strict=False))


def _stays(found: Promises) -> Iterator[str]:
    if not found.stays:
        return
    yield "how long an orphan stays"
    rows = [
        (
            f"  {stay.kind}",
            f"{span(stay.bound.ns)} after {stay.since}{'' if stay.bound.attained else ' (only approached)'}",
            f"at most {span(stay.in_all)} in all",
        )
        for stay in found.stays
    ]
    yield from _columns(rows)
    yield ""


def _sensitivity(found: Promises) -> Iterator[str]:
    yield "how the numbers move"
    rows: list[tuple[str, ...]] = [("  ", "", *LIMITS)]
    rows += [
        (f"  {change.parameter}", f"{span(change.before)} → {span(change.after)}", *limits(change.numbers))
        for change in found.sensitivity
    ]
    yield from _columns(rows)
    yield ""


def _advice(found: Promises) -> Iterator[str]:
    yield "the tuning advice of the origin, from the default constants in this environment"
    yield from _columns([(f"  {one.advice}", effect(one.before, one.after)) for one in found.advice])
    yield ""


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
