"""How the tests run: Hypothesis profiles, what is deep, how many processes, and when benchmarks measure.

`HYPOTHESIS_PROFILE=ci` (the default where CI is set) repeats the same examples at every run; `deep` looks much longer;
`crosshair` lets a solver choose the examples; `mutants` does not shrink what fails.
Deep tests run only where asked for (`-m deep`), benchmarks measure only with `--benchmark-only` or `--benchmark-enable`.
A run of everything uses all processors, file by file; a run of named files stays in one process (`-n` decides otherwise).
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

import orphan_tracker
from tracker_kit import Kit

QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile("dev", max_examples=60, deadline=None, suppress_health_check=QUIET)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, suppress_health_check=QUIET)
settings.register_profile("deep", max_examples=5_000, deadline=None, suppress_health_check=QUIET)
settings.register_profile(
    "mutants",
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=tuple(HealthCheck),
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev")
if PROFILE == "crosshair":
    settings.register_profile(
        "crosshair",
        backend="crosshair",
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=tuple(HealthCheck),
    )
settings.load_profile(PROFILE)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Leaves `-n auto` to a run of the whole suite; whatever is named, or measured, needs no other process."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return None if everything and not _measures(config) else 0


def _measures(config: pytest.Config) -> bool:
    return bool(config.getoption("benchmark_only", False) or config.getoption("benchmark_enable", False))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Benchmarks run once, unmeasured, unless somebody wants figures."""
    if hasattr(config.option, "benchmark_disable") and not _measures(config):
        config.option.benchmark_disable = True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves deep tests out, unless the call selects by marker, or names the test."""
    if config.getoption("-m") or any("::" in argument for argument in config.args):
        return
    deep = [item for item in items if item.get_closest_marker("deep")]
    if deep:
        config.hook.pytest_deselected(items=deep)
        items[:] = [item for item in items if not item.get_closest_marker("deep")]


@pytest.fixture(scope="session")
def kit() -> Kit:
    """The reference itself, as the object that checks are given."""
    return Kit(orphan_tracker)
