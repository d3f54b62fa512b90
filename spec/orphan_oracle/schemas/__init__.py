"""The JSON Schemas of the outside formats, generated and committed.

`python -m orphan_oracle.schemas` writes them; a test compares them with what the code says.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from orphan_oracle.codec import document_schema, trace_schema, write_schema
from orphan_oracle.protocol_schema import reply_schema, request_schema
from orphan_oracle.report import CheckDocument, CheckFilesDocument


def _verify() -> dict[str, object]:
    from orphan_oracle.verify_report import VerifyDocument

    return document_schema("report of orphan-tracker verify", VerifyDocument)


def _mutants() -> dict[str, object]:
    from orphan_oracle.mutants_report import MutantsDocument

    return document_schema("report of orphan-tracker verify --mutants", MutantsDocument)


def _second_solver() -> dict[str, object]:
    from orphan_oracle.opinions_report import SecondSolverDocument

    return document_schema("report of orphan-tracker verify --second-solver", SecondSolverDocument)


def _rediscover() -> dict[str, object]:
    from orphan_oracle.opinions_report import RediscoverDocument

    return document_schema("report of orphan-tracker verify --rediscover", RediscoverDocument)


def _explore() -> dict[str, object]:
    from orphan_oracle.explore_report import ExploreDocument

    return document_schema("report of orphan-tracker explore", ExploreDocument)


def _guarantees() -> dict[str, object]:
    from orphan_oracle.timing_report import GuaranteesDocument

    return document_schema("report of orphan-tracker guarantees", GuaranteesDocument)


def _simulate() -> dict[str, object]:
    from orphan_oracle.desk_report import SimulateDocument

    return document_schema("report of orphan-tracker simulate", SimulateDocument)


def _sweep() -> dict[str, object]:
    from orphan_oracle.desk_sweep import SweepDocument

    return document_schema("report of orphan-tracker simulate --sweep", SweepDocument)


def _from_log() -> dict[str, object]:
    from orphan_oracle.desk_log import FromLogDocument

    return document_schema("report of orphan-tracker simulate --from-log", FromLogDocument)


def _soak() -> dict[str, object]:
    from orphan_oracle.desk_soak import SoakDocument

    return document_schema("report of orphan-tracker simulate --soak", SoakDocument)


def _certificate() -> dict[str, object]:
    from orphan_oracle.certificate import Certificate

    return document_schema("certificate of orphan-tracker certify", Certificate)


def _fake_exchange() -> dict[str, object]:
    from orphan_oracle.commands.fake_exchange import FakeExchangeDocument

    return document_schema("address of orphan-tracker fake-exchange", FakeExchangeDocument)


FOLDER: Final = Path(__file__).parent

SCHEMAS: Final[dict[str, Callable[[], dict[str, object]]]] = {
    "trace": trace_schema,
    "check": lambda: document_schema("report of orphan-tracker check", CheckDocument, CheckFilesDocument),
    "verify": _verify,
    "mutants": _mutants,
    "second-solver": _second_solver,
    "rediscover": _rediscover,
    "explore": _explore,
    "request": request_schema,
    "reply": reply_schema,
    "certificate": _certificate,
    "guarantees": _guarantees,
    "fake-exchange": _fake_exchange,
    "simulate": _simulate,
    "sweep": _sweep,
    "from-log": _from_log,
    "soak": _soak,
}
"""Every schema by the name of its file."""


def generated() -> dict[str, str]:
    """The text of every schema file by its name."""
    return {f"{name}.json": write_schema(schema()) for name, schema in SCHEMAS.items()}
