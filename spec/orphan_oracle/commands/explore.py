"""`orphan-tracker explore`: a second opinion on the proofs, by looking at every state."""

import json
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from orphan_oracle.codec import write_document
from orphan_oracle.errors import InputError
from orphan_oracle.terminal import emit


def explore(
    *,
    orders: int | None = None,
    deep: bool = False,
    symmetric: bool = False,
    write_pins: Annotated[str | None, Parameter(show=False)] = None,
    format: Literal["text", "json"] = "text",  # noqa: A002
) -> int:
    """Explore every state that scaled constants allow, breadth first, for one, two and three orders.

    Exit status: 0 every exploration says what the proofs say and sees the pinned number of states, 1 one does not, 2 bad
    input.

    Parameters
    ----------
    orders
        Only explorations of so many orders (1, 2 or 3).
    deep
        The long explorations too (some minutes, 1 GB).
    symmetric
        Count states up to a permutation of the orders too.
    format
        How the report is written.
    """
    if orders is not None and orders not in (1, 2, 3):
        raise InputError(f"--orders {orders}: there are explorations of 1, 2 and 3 orders")
    from orphan_oracle.explore_report import Row, explore_document, explore_line, explore_summary, holds
    from orphan_proofs.survey import differs, explorations, pin, pinned, run

    pins = pinned() if write_pins is None else {}
    rows: list[Row] = []
    wanted = [e for e in explorations() if (deep or not e.deep) and orders in (None, e.orders)]
    for exploration in wanted:
        found = run(exploration, symmetric)
        rows.append((found, differs(found, pins) if write_pins is None else None))
        if format == "text":
            emit([explore_line(*rows[-1])])
    if write_pins is not None:
        text = json.dumps({found.exploration.name: pin(found) for found, _ in rows}, indent=1)
        Path(write_pins).write_text(text + "\n", encoding="utf-8")
    names = {e.name for e in explorations()}
    missing = sorted(name for name in pins if name not in names)
    if format == "json":
        emit([write_document(explore_document(rows, missing))])
    else:
        emit(explore_summary(rows, missing))
    return 0 if holds(rows, missing) else 1
