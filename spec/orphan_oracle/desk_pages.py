"""The two minutes before and after, as a document with two pictures.

Two rules. Every figure of a simulated desk is made anew whenever the document is; what was measured elsewhere stands in the
template with the command that measures it. And nothing says when or on which machine the document was made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from orphan_desk.simulator import MEASURED_GAPS, POLICIES, SAYS, Inputs, PolicyName, Setting
from orphan_oracle.desk_calls import simulated
from orphan_oracle.desk_heat import heat_map
from orphan_oracle.desk_picture import two_minutes
from orphan_oracle.desk_report import simulate_markdown
from orphan_oracle.desk_runs import setting_for, written_inputs
from orphan_oracle.desk_search import DIRECTIONS, FALSE_ORPHANS, STALE_REMOVALS, Found, search, trial
from orphan_oracle.desk_sweep import SweepDocument, as_proved, sweep
from orphan_oracle.durations import format_duration
from orphan_spec.constants import Constants

TEMPLATE: Final = Path(__file__).parent / "templates" / "two-minutes.md"
SEEDS: Final = range(20)
SEARCHED: Final = range(10)
ALONE: Final[dict[str, Any]] = {"overlap": 0.0}
DENSE: Final = {"sync_period": "500ms,1500ms", "rests_after": "0"}

Table = list[str]


def documents() -> Iterator[tuple[str, str]]:
    """The document and its pictures, each by the name of its file."""
    beside, alone = list(search(SEARCHED, {})), list(search(SEARCHED, ALONE))
    lagging = next(one.changes for one in alone if one.direction.name == "staleness")
    heat = _swept()
    yield "two-minutes.md", _page(beside, alone, lagging, heat)
    yield "two-minutes.svg", two_minutes([_desk(policy, lagging) for policy in POLICIES], SEEDS.start) + "\n"
    yield "latency-grace.svg", heat_map(heat) + "\n"


def measured() -> str:
    """The table before and after with the measured inputs."""
    return before_and_after({})


def before_and_after(changes: dict[str, Any]) -> str:
    """The table before and after, with the measured inputs but these."""
    return "\n".join(simulate_markdown(simulated([_desk(policy, changes) for policy in POLICIES], SEEDS)))


def _desk(policy: PolicyName, changes: dict[str, Any]) -> Setting:
    setting = setting_for(policy, Constants(), {}, faults=False)
    return replace(setting, inputs=replace(setting.inputs, **changes))


def _swept() -> SweepDocument:
    setting = setting_for("oid", Constants(), DENSE, faults=False)
    cells = tuple(sweep(setting, range(1)))
    return SweepDocument(1, setting.policy, setting.length, 0, written_inputs(setting.inputs), as_proved(cells), cells)


def _page(beside: Sequence[Found], alone: Sequence[Found], lagging: dict[str, Any], heat: SweepDocument) -> str:
    from jinja2 import Environment, StrictUndefined

    refuted = [cell for cell in heat.cells if not cell.proved]
    proved = [cell for cell in heat.cells if cell.proved]
    template = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    page: str = template.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        seeds=len(SEEDS),
        searched=len(SEARCHED),
        false_orphans=FALSE_ORPHANS,
        stale_removals=STALE_REMOVALS,
        measured=measured(),
        variants="\n".join(_variants()),
        beside="\n".join(_searched("where syncs run beside the calls", beside)),
        alone="\n".join(_searched("where the desk does one thing at a time", alone)),
        conclusion="\n".join(_conclusion(beside, alone)),
        lag=format_duration(lagging["staleness"].longest),
        after=before_and_after(lagging),
        refuted=len(refuted),
        proved=len(proved),
        broken=sum(bool(cell.violations) for cell in refuted),
        wrong=sum(bool(cell.violations) for cell in proved),
        inputs="\n".join(_inputs()),
    )
    return page


def _variants() -> Iterator[str]:
    """What the naive policy does with the measured inputs, where they leave a choice."""
    yield f"| naive policy, {len(SEEDS)} seeds | false orphans, mean | median | of them in flight | stale removals, median |"
    yield "|---|---:|---:|---:|---:|"
    rows: list[tuple[str, dict[str, Any]]] = [
        ("syncs beside the calls, gaps as where 10 s were configured", {}),
        ("syncs beside the calls, gaps of all stored runs (4.8 s to 71.7 s)", {"sync_period": MEASURED_GAPS}),
        ("one thing at a time, as both logs show", ALONE),
    ]
    for words, changes in rows:
        tried = trial(SEEDS, changes)
        orphans = f"{tried.mean_false_orphans:g} | {tried.false_orphans:g} | {tried.in_flight:g}"
        yield f"| {words} | {orphans} | {tried.stale_removals:g} |"


def _searched(words: str, found: Sequence[Found]) -> Iterator[str]:
    yield f"| {words} | step | false orphans (in flight) | stale removals (resting) | both |"
    yield "|---|---|---:|---:|---|"
    for one in found:
        tried, both = one.tried, "**yes**" if one.tried.gives_both else "no"
        orphans = f"{tried.false_orphans:g} ({tried.in_flight:g})"
        removals = f"{tried.stale_removals:g} ({tried.stale_resting:g})"
        yield f"| {one.direction.says} | {_step(one)} | {orphans} | {removals} | {both} |"


def _step(one: Found) -> str:
    return one.tried.step.removeprefix("overlap 0, ")


def _conclusion(beside: Sequence[Found], alone: Sequence[Found]) -> Iterator[str]:
    """How many inputs give both figures, and which."""
    for words, found in (
        ("Where syncs run beside the calls", beside),
        ("Where the desk does one thing at a time", alone),
    ):
        both = [f"{one.direction.says} ({_step(one)})" for one in found if one.tried.gives_both]
        number = f"{len(both)} of {len(DIRECTIONS)} changes"
        yield (
            f"{words}, {number} give both: {'; '.join(both)}." if both else f"{words}, none of {len(DIRECTIONS)} does."
        )


def _inputs() -> Iterator[str]:
    values = written_inputs(Inputs())
    yield from ("| input | value | meaning |", "|---|---|---|")
    yield from (f"| `--{name.replace('_', '-')}` | {values[name]} | {says} |" for name, says in SAYS.items())
