"""How the tests run: Hypothesis profiles, what is deep, and when benchmarks measure.

`HYPOTHESIS_PROFILE=ci` (the default where CI is set) repeats the same examples at every run; `deep` looks much longer.
Deep tests run only where asked for (`-m deep`), benchmarks measure only with `--benchmark-only` or `--benchmark-enable`.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

import orphan_tracker
from tracker_kit import Kit

QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile("dev", max_examples=60, deadline=None, suppress_health_check=QUIET)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, suppress_health_check=QUIET)
settings.register_profile("deep", max_examples=5_000, deadline=None, suppress_health_check=QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Benchmarks run once, unmeasured, unless somebody wants figures."""
    asked = config.getoption("benchmark_only", False) or config.getoption("benchmark_enable", False)
    if hasattr(config.option, "benchmark_disable") and not asked:
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
