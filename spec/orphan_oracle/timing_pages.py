"""The timing guarantees as documents: Markdown, one SVG, and one HTML page that needs nothing else.

Two rules. All three show the same, in the words of `timing_words` and the pictures of `picture`. And nothing in them says
when or with which solver they were made, so that they can be committed and compared.
"""

import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, cast
from xml.etree.ElementTree import Element, SubElement

from orphan_oracle import picture
from orphan_oracle.timing_words import (
    LIMITS,
    Card,
    cards,
    effect,
    figures,
    happenings,
    limits,
    settings,
    span,
    suggestion_words,
)
from orphan_proofs.advice import Suggestion
from orphan_proofs.promises import Promises

TITLE: Final = "What holds, exactly when, and for how long"
TEMPLATE: Final = Path(__file__).parent / "templates" / "guarantees.html"

Row = tuple[str, ...]
Format = Literal["markdown", "html", "svg"]


def written(
    format: Format,  # noqa: A002
    found: Promises,
    suggestion: Suggestion | None = None,
    label: str = "",
) -> Iterable[str]:
    """The document in the given format, in lines."""
    if format == "markdown":
        return markdown(found, suggestion, label)
    return [svg(found, suggestion, label) if format == "svg" else html(found, suggestion, label)]


DOCUMENTED: Final = "origin"
"""The preset whose documents stand in the repository."""


def documents() -> Iterator[tuple[str, str]]:
    """The documents of the repository, each by the name of its file."""
    from orphan_proofs.promises import promises
    from orphan_proofs.tuning import PRESETS

    preset = PRESETS[DOCUMENTED]
    found = promises(preset.constants, preset.environment)
    for ending, format_ in (("md", "markdown"), ("html", "html"), ("svg", "svg")):
        text = written(cast(Format, format_), found, None, f"{DOCUMENTED}: {preset.label}")
        yield f"guarantees.{ending}", "".join(f"{line}\n" for line in text)


def stay_rows(found: Promises) -> list[Row]:
    """How long an orphan stays, by what it was before."""
    return [
        (
            stay.kind,
            stay.since,
            span(stay.bound.ns),
            "reached" if stay.bound.attained else "approached",
            span(stay.in_all),
        )
        for stay in found.stays
    ]


STAYS: Final = ("the orphan was", "counted from", "gone within", "", "in all, since it was last spoken of")
MOVES: Final = ("moved", "", *LIMITS)
ADVICE: Final = ("advice", "what it comes to here")


def move_rows(found: Promises) -> list[Row]:
    """How the numbers move when one thing moves."""
    moves = found.sensitivity
    return [(move.parameter, f"{span(move.before)} → {span(move.after)}", *limits(move.numbers)) for move in moves]


def advice_rows(found: Promises) -> list[Row]:
    """The advice of the origin, checked."""
    return [(one.advice, effect(one.before, one.after)) for one in found.advice]


def warnings(found: Promises) -> list[str]:
    """Conflicts and remarks."""
    return [f"Conflict: {conflict}" for conflict in found.conflicts] + [f"Remark: {remark}" for remark in found.remarks]


def markdown(found: Promises, suggestion: Suggestion | None = None, label: str = "") -> Iterator[str]:
    """The document as Markdown."""
    yield f"# {TITLE}"
    yield ""
    yield "Derived, proved and drawn by `orphan-tracker guarantees`; do not edit."
    if label:
        yield f"Preset {label}."
    yield ""
    yield from _table(("constant or assumption", "value"), settings(found.constants, found.environment))
    yield from [f"- {line}" for line in warnings(found)] + ([""] if warnings(found) else [])
    yield "## Guarantees"
    yield ""
    rows = [(card.id, card.claim, card.status, _facts(card), card.margin or _parts(card)) for card in cards(found)]
    yield from _table(("", "claim", "verdict", "number; condition; assumptions", "margin"), rows)
    for figure in figures(found):
        yield f"## {figure.guarantee}: {figure.title}"
        yield ""
        yield figure.caption
        yield ""
        told = happenings(figure)
        shown = told if len(told) <= 2 * FEW else [*told[:FEW], ("…", "", f"{len(told) - 2 * FEW} more"), *told[-FEW:]]
        yield from _table(("t", "who", "what"), shown)
    if found.stays:
        yield from _section("How long an orphan stays", STAYS, stay_rows(found))
    yield from _section("How the numbers move", MOVES, move_rows(found))
    yield from _section("The tuning advice of the origin, checked", ADVICE, advice_rows(found))
    if suggestion is not None:
        yield from ("## The wish", "", *(f"- {line}" for line in suggestion_words(suggestion)), "")


FEW: Final = 8
"""So many events of a long trace are told at each end."""


def _facts(card: Card) -> str:
    facts = [card.number, card.condition, f"assuming {', '.join(card.assumes)}" if card.assumes else ""]
    return "; ".join(fact for fact in facts if fact) or card.note


def _parts(card: Card) -> str:
    return ", ".join(part.label for part in card.bar)


def _section(title: str, head: Row, rows: Iterable[Row]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield from _table(head, rows)


def _table(head: Row, rows: Iterable[Row]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def html(found: Promises, suggestion: Suggestion | None = None, label: str = "") -> str:
    """The document as one HTML page."""
    from jinja2 import Environment, StrictUndefined

    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    drawn = [(figure, picture.written(picture.draw(figure, found.constants))) for figure in figures(found)]
    page: str = template.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        title=TITLE,
        label=label,
        settings=settings(found.constants, found.environment),
        warnings=warnings(found),
        cards=cards(found),
        figures=[(figure, drawing, happenings(figure)) for figure, drawing in drawn],
        tables=[
            ("How long an orphan stays", STAYS, stay_rows(found)),
            ("How the numbers move", MOVES, move_rows(found)),
            ("The tuning advice of the origin, checked", ADVICE, advice_rows(found)),
        ],
        wish=[] if suggestion is None else suggestion_words(suggestion),
        style=picture.STYLE,
    )
    return page.rstrip("\n")


DARK: Final = """
@media (prefers-color-scheme: dark) { .poster { --ink: #e6ebf0; --faint: #94a1ae; --line: #303a45; --paper: #12181f;
--expected: #1d3a5c; --heard: #1c4429; --age: #4f3a12; --open: #34305c; --bad: #ff7b6e; } }
.poster .paper { fill: var(--paper, #ffffff); }
.poster .used, .poster .aged { fill: var(--open-edge, #8577cc); } .poster .free { fill: var(--heard-edge, #4da565); }
.poster .over { fill: var(--bad, #c8372d); } .poster .unseen { fill: var(--faint, #66727f); }
.poster .young { fill: var(--age-edge, #d39a2f); }
.poster .head { font-size: 20px; font-weight: 600; }
"""


def svg(found: Promises, suggestion: Suggestion | None = None, label: str = "") -> str:
    """The document as one SVG."""
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "picture poster"})
    SubElement(root, "style").text = picture.STYLE + DARK
    SubElement(root, "rect", {"class": "paper", "width": "100%", "height": "100%"})
    poster = _Poster(root)
    poster.line((TITLE,), (24,), "head", 40)
    poster.paragraph(f"Preset {label}." if label else "")
    for name, value in settings(found.constants, found.environment):
        poster.line((name, value), (24, 250))
    for warning in warnings(found):
        poster.paragraph(warning, "strong")
    for card in cards(found):
        poster.card(card)
    for figure in figures(found):
        poster.line((f"{figure.guarantee}: {figure.title}",), (24,), "strong", 44)
        poster.paragraph(figure.caption)
        poster.picture(picture.draw(figure, found.constants))
    for title, head, rows, columns in (
        ("How long an orphan stays", STAYS, stay_rows(found), (24, 150, 400, 530, 640)),
        ("How the numbers move", MOVES, move_rows(found), (24, 230, 400, 570, 720)),
    ):
        poster.line((title,), (24,), "strong", 44)
        for row in (head, *rows):
            poster.line(row, columns, "faint" if row is head else "")
    poster.line(("The tuning advice of the origin, checked",), (24,), "strong", 44)
    for advice, comes_to in advice_rows(found):
        poster.line((f"{advice}:",), (24,))
        for part in comes_to.split("; "):
            poster.line((part,), (48,), "faint")
    for words in [] if suggestion is None else suggestion_words(suggestion):
        poster.paragraph(words, "strong")
    root.set("viewBox", f"0 0 {picture.WIDTH} {poster.y + 30}")
    return picture.written(root)


class _Poster:
    """A column that grows downwards."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.y = 0

    def line(self, cells: Row, columns: tuple[int, ...], class_: str = "", step: int = 20) -> None:
        self.y += step
        for cell, x in zip(cells, columns, strict=False):
            SubElement(self.root, "text", {"x": str(x), "y": str(self.y), "class": class_}).text = cell

    def paragraph(self, words: str, class_: str = "") -> None:
        for line in textwrap.wrap(words, 118):
            self.line((line,), (24,), class_)

    def card(self, card: Card) -> None:
        self.line((card.id, card.claim), (24, 58), "strong", 30)
        self.line((card.status, _facts(card)), (58, 150), "faint")
        if not card.bar:
            return
        self.line(("", card.margin or _parts(card)), (24, 420), "", 22)
        total, x = sum(part.ns for part in card.bar), 150.0
        for part in card.bar:
            width = 260 * part.ns / total
            place = {"x": f"{x:g}", "y": str(self.y - 11), "width": f"{width:g}", "height": "13", "class": part.kind}
            SubElement(self.root, "rect", place)
            x += width

    def picture(self, drawing: Element) -> None:
        for name, value in (("y", self.y + 6), ("width", picture.WIDTH), ("height", picture.HEIGHT)):
            drawing.set(name, str(value))
        self.root.append(drawing)
        self.y += picture.HEIGHT + 6
