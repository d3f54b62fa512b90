"""A configuration means what it says, and a wrong one is refused with the file, the key and what would be right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orphan_oracle.configuration import Configuration, parse_configuration, read_configuration, write_configuration
from orphan_oracle.errors import InputError
from orphan_spec.constants import SECOND, Constants, Environment

FULL = """
[tracker]
orphan_grace_period = "5s"
expected_cloid_ttl = "30s"
finalized_protection_period = "10s"

[environment]
sync_period_min = "10s"
sync_period_max = "10s"
snapshot_age_max = "0s"
response_latency_max = "2s"
observe = "oid"
owned_cloid_prefix = "0xa1"
"""


def test_configuration_of_the_design_is_read():
    environment = Environment(10 * SECOND, 10 * SECOND, 0, 2 * SECOND, "oid", "0xa1")
    assert parse_configuration(FULL, "f") == Configuration(Constants(), environment)


def test_what_is_left_out_is_a_default_constant_or_no_assumption():
    assert parse_configuration("", "f") == Configuration(Constants(), Environment())
    assert read_configuration(None) == Configuration(Constants(), Environment())


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("[trackr]", "trackr"),
        ("grace = 1", "grace"),
        ("tracker = 1", "[tracker]"),
        ('[tracker]\nttl = "5s"', "expected_cloid_ttl"),
        ("[tracker]\norphan_grace_period = 5", '"5s"'),
        ("[tracker]\norphan_grace_period = true", '"5s"'),
        ('[tracker]\norphan_grace_period = "5"', '"5s"'),
        ('[tracker]\norphan_grace_period = "0s"', "above 0"),
        ('[tracker]\nexpected_cloid_ttl = "-1s"', "not negative"),
        ('[environment]\nobserve = "both"', '"cloid"'),
        ("[environment]\nobserve = []", '"cloid"'),
        ("[environment]\nowned_cloid_prefix = 1", "text"),
        ('[environment]\nowned_cloid_prefix = ""', "empty"),
        ('[environment]\nsync_period_max = "0s"', "above 0"),
        ('[environment]\nsync_period_min = "2s"\nsync_period_max = "1s"', "sync_period_max"),
        ("[tracker", "TOML"),
        ('[tracker]\n"evil\\u001b[31m" = 1', "\\x1b"),
    ],
)
def test_wrong_configuration_is_refused_in_one_line(text, mentions):
    with pytest.raises(InputError) as refusal:
        parse_configuration(text, "some.toml")
    message = str(refusal.value)
    assert message.startswith("some.toml: ")
    assert mentions in message
    assert message.isprintable()


@pytest.mark.parametrize("content", [b"\xff", None], ids=["not text", "no file"])
def test_unreadable_file_is_refused(tmp_path, content):
    file = tmp_path / "c.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"c\.toml"):
        read_configuration(str(file))


durations = st.integers(1, 10**15)
environments = st.builds(
    Environment,
    sync_period_min=st.none(),
    sync_period_max=st.none() | durations,
    snapshot_age_max=st.none() | st.integers(0, 10**15),
    response_latency_max=st.none() | durations,
    observe=st.sampled_from(["oid", "cloid"]),
    owned_cloid_prefix=st.none() | st.text(st.characters(codec="utf-8"), min_size=1),
)


@given(st.builds(Constants, durations, durations, durations), environments)
def test_written_configuration_reads_back(constants, environment):
    configuration = Configuration(constants, environment)
    assert parse_configuration(write_configuration(configuration), "f") == configuration


@pytest.mark.parametrize("value", [0, -1, True, 1.0, "5s"])
def test_constants_that_make_no_sense_are_refused_with_a_reason(value):
    with pytest.raises(ValueError, match="orphan_grace_period"):
        Constants(orphan_grace_period=value)
