"""The protocol on one page, and the first contact with a program."""

from collections.abc import Iterator
from importlib.resources import files
from itertools import islice

from orphan_oracle.scenario import Scenario
from orphan_oracle.suite import Plan, suite


def explanation() -> str:
    """The page that a stranger needs to write a driver."""
    return files("orphan_oracle").joinpath("protocol.md").read_text(encoding="utf-8")


def smoke_scenarios(plan: Plan) -> Iterator[Scenario]:
    """A few small scenarios for the first contact."""
    return islice(suite(plan), 3)
