"""How many events a second the judge takes from a log on disk: `pytest tests/benchmarks --benchmark-only`."""

from itertools import islice

from orphan_oracle.check import check_file
from orphan_oracle.codec import encode
from orphan_oracle.configuration import Configuration
from traces import desk

EVENTS = 100_000


def test_check_of_a_long_log(benchmark, tmp_path):
    file = tmp_path / "log.ndjson"
    file.write_bytes(b"".join(encode(event) + b"\n" for event in islice(desk(EVENTS), EVENTS)))
    report = benchmark.pedantic(check_file, (str(file), Configuration()), rounds=3)
    if benchmark.stats is not None:
        benchmark.extra_info["events_per_second"] = round(EVENTS / benchmark.stats.stats.min)
    assert (report.events, report.violations) == (EVENTS, ())
