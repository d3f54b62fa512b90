"""Traces survive the wire exactly, and what is not a trace is refused with the line."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orphan_oracle.codec import decode, encode, read_trace
from orphan_oracle.errors import InputError
from orphan_oracle.scenario import read_scenario
from orphan_oracle.schemas import FOLDER, generated
from orphan_spec.events import (
    BASIC,
    EVENTS,
    NOT_STATED,
    Accept,
    Act,
    Cleanup,
    Clear,
    End,
    Fail,
    Fill,
    Finalize,
    LearnEnd,
    Modify,
    OpenOrder,
    RecordOid,
    Register,
    Restart,
    Sync,
    Timeout,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
TIME = st.integers(0, 2**70)


@st.composite
def syncs(draw):
    t = draw(TIME)
    rows = st.lists(st.builds(OpenOrder, TEXT, TEXT | st.none() | st.just(NOT_STATED)), max_size=3).map(tuple)
    names = st.lists(TEXT, max_size=3).map(tuple)
    return Sync(t, draw(st.integers(0, t)), draw(st.none() | rows), draw(names), draw(names), draw(names), draw(names))


EVENT = st.one_of(
    st.builds(Register, TIME, st.lists(TEXT, max_size=3).map(tuple)),
    st.builds(RecordOid, TIME, TEXT, TEXT),
    st.builds(Finalize, TIME, TEXT, TEXT),
    st.builds(Fail, TIME, TEXT),
    st.builds(Clear, TIME, TEXT),
    st.builds(Cleanup, TIME),
    syncs(),
    st.builds(Accept, TIME, TEXT, TEXT | st.none() | st.just(NOT_STATED)),
    st.builds(Fill, TIME, TEXT),
    st.builds(End, TIME, TEXT, st.sampled_from(["filled", "cancelled", "expired", "replaced"])),
    st.builds(LearnEnd, TIME, TEXT),
    st.builds(Timeout, TIME, TEXT),
    st.builds(Modify, TIME, TEXT, TEXT),
    st.builds(Restart, TIME),
    st.builds(Act, TIME, st.lists(TEXT, max_size=3).map(tuple), st.lists(TEXT, max_size=3).map(tuple)),
)


@given(EVENT)
def test_every_event_reads_back_exactly(event):
    line = encode(event)
    assert decode(line) == event
    assert b"\n" not in line


@given(EVENT)
def test_every_event_written_obeys_the_committed_schema(event):
    jsonschema.validate(json.loads(encode(event)), json.loads((FOLDER / "trace.json").read_text()))


def test_committed_schemas_are_what_the_code_says():
    assert {file.name: file.read_text() for file in FOLDER.glob("*.json")} == generated()


@given(st.integers(-(2**80), 2**80))
def test_whole_number_oids_are_kept_exactly_however_large(number):
    assert decode(b'{"event":"clear","t":1,"oid":%d}' % number) == Clear(1, str(number))
    sync = b'{"event":"sync","t":1,"open":[{"oid":%d}],"local":[%d],"cancelled":[%d]}' % (number, number, number)
    assert decode(sync) == Sync(1, 1, (OpenOrder(str(number)),), (str(number),), (str(number),))


def test_absent_cloid_is_not_stated_and_null_is_none():
    decoded = decode(
        b'{"event":"sync","t":5,"open":[{"oid":"1"},{"oid":"2","cloid":null},{"oid":"3","cloid":"c"}],"local":[]}'
    )
    assert isinstance(decoded, Sync)
    assert decoded.open == (OpenOrder("1"), OpenOrder("2", None), OpenOrder("3", "c"))
    assert (decoded.as_of, decoded.cancelled, decoded.dropped) == (5, (), ())


def test_fields_that_nobody_knows_are_ignored():
    assert decode(b'{"note":{"a":[1]},"event":"cleanup","t":1,"venue":"x"}') == Cleanup(1)
    assert decode(b'{"event":"sync","t":1,"open":[{"oid":"7","px":1.5}],"local":[],"x":1}').open == (OpenOrder("7"),)


def test_every_event_of_the_design_is_in_the_vocabulary():
    assert BASIC == ("register", "record_oid", "finalize", "fail", "clear", "cleanup", "sync")
    lifecycle = ("accept", "fill", "end", "learn_end", "timeout", "modify", "restart", "act")
    assert tuple(EVENTS) == (*BASIC, *lifecycle)


def test_cloid_of_an_accept_is_not_stated_none_or_text():
    assert decode(b'{"event":"accept","t":1,"oid":7}') == Accept(1, "7")
    assert decode(b'{"event":"accept","t":1,"oid":"7","cloid":null}') == Accept(1, "7", None)
    assert decode(b'{"event":"accept","t":1,"oid":"7","cloid":"c"}') == Accept(1, "7", "c")


def test_sync_that_condemns_nothing_for_later_is_written_as_ever():
    assert encode(Sync(1, 1, (), ())) == (
        b'{"event":"sync","t":1,"as_of":1,"open":[],"local":[],"cancelled":[],"dropped":[]}'
    )
    assert encode(Sync(1, 1, (), (), pending=("7",))).endswith(b',"dropped":[],"pending":["7"]}')


SIGHT = b'{"event":"sync","t":1,"open":[{"oid":"7"}],"local":[],"pending":["7"]}'
BLIND = b'{"event":"sync","t":1,"open":null,"local":[]}'
RESTART = b'{"event":"restart","t":1}'
ACT = b'{"event":"act","t":1,"local":[],"cancelled":["7"]}'


@pytest.mark.parametrize(
    ("lines", "refused"),
    [
        ([SIGHT, ACT], None),
        ([SIGHT, BLIND, ACT, ACT], None),
        ([ACT], 1),
        ([BLIND, ACT], 2),
        ([SIGHT, RESTART, ACT], 3),
        ([SIGHT, RESTART, SIGHT, ACT], None),
    ],
)
def test_act_needs_a_sync_with_a_snapshot_in_the_same_life(lines, refused):
    config = {"orphan_grace_period": 1, "expected_cloid_ttl": 1, "finalized_protection_period": 1}
    document = {"config": config, "steps": [json.loads(line) for line in lines]}
    if refused is None:
        assert len(list(read_trace(lines, "a"))) == len(read_scenario(document, "s").steps) == len(lines)
        return
    with pytest.raises(InputError, match=f"a:{refused}: act without an earlier sync"):
        list(read_trace(lines, "a"))
    with pytest.raises(InputError, match="s: act without an earlier sync"):
        read_scenario(document, "s")


@pytest.mark.parametrize(
    ("line", "mentions"),
    [
        (b'{"event":"registr","t":1}', "register"),
        (b'{"t":1}', "event"),
        (b'{"event":7,"t":1}', "event"),
        (b'{"event":"cleanup"}', "`t`"),
        (b'{"event":"cleanup","t":1.0}', "int"),
        (b'{"event":"cleanup","t":1.5}', "int"),
        (b'{"event":"cleanup","t":true}', "int"),
        (b'{"event":"cleanup","t":"1"}', "int"),
        (b'{"event":"cleanup","t":null}', "int"),
        (b'{"event":"cleanup","t":-1}', "negative"),
        (b'{"event":"clear","t":1,"oid":7.0}', "oid"),
        (b'{"event":"clear","t":1,"oid":true}', "oid"),
        (b'{"event":"clear","t":1,"oid":null}', "oid"),
        (b'{"event":"register","t":1,"cloids":"c"}', "cloids"),
        (b'{"event":"sync","t":1,"local":[]}', "open"),
        (b'{"event":"sync","t":1,"open":[]}', "local"),
        (b'{"event":"sync","t":1,"as_of":2,"open":[],"local":[]}', "as_of"),
        (b'{"event":"sync","t":1,"as_of":-1,"open":[],"local":[]}', "as_of"),
        (b'{"event":"sync","t":1,"as_of":1.0,"open":[],"local":[]}', "as_of"),
        (b'{"event":"sync","t":1,"as_of":null,"open":[],"local":[]}', "as_of"),
        (b'{"event":"sync","t":1,"open":["7"],"local":[]}', "open"),
        (b'{"event":"sync","t":1,"open":[{"cloid":"c"}],"local":[]}', "oid"),
        (b'{"event":"end","t":1,"oid":"7"}', "how"),
        (b'{"event":"end","t":1,"oid":"7","how":"lost"}', "how"),
        (b'{"event":"end","t":1,"oid":"7","how":null}', "how"),
        (b'{"event":"accept","t":1}', "oid"),
        (b'{"event":"accept","t":1,"oid":"7","cloid":8}', "cloid"),
        (b'{"event":"modify","t":1,"cloid":"c"}', "oid"),
        (b'{"event":"timeout","t":1,"oid":"7"}', "cloid"),
        (b'{"event":"act","t":1,"cancelled":[]}', "local"),
        (b'{"event":"act","t":1,"local":[],"cancelled":[]}', "without an earlier sync"),
        (b'{"event":"sync","t":1,"open":[],"local":[],"pending":"7"}', "pending"),
        (b"[]", "object"),
        (b"{", "JSON"),
        (b"nonsense", "JSON"),
        (b'{"event":"clear","t":1,"oid":"\xff"}', "utf-8"),
        (b'{"event":"clear","t":1,"oid":' + b"[" * 100_000, ""),
        (b'{"event":"clear","t":' + b"9" * 5000 + b',"oid":"7"}', ""),
        (b'{"event":"clear","t":1,"oid":"a","x":"\x1b[31m"}', "JSON"),
    ],
)
def test_line_that_is_no_event_is_refused_with_its_place(line, mentions):
    with pytest.raises(InputError) as refusal:
        list(read_trace([b'{"event":"cleanup","t":0}\n', b"\n", line], "a.ndjson"))
    message = str(refusal.value)
    assert message.startswith("a.ndjson:3: ")
    assert mentions.lower() in message.lower()
    assert message.isprintable()
    assert len(message) < 300


def test_time_that_goes_back_is_refused():
    lines = [b'{"event":"cleanup","t":5}', b'{"event":"cleanup","t":4}']
    with pytest.raises(InputError, match="a:2: time goes back from 5 to 4"):
        list(read_trace(lines, "a"))


@given(st.binary(max_size=60))
def test_no_line_whatever_raises_anything_but_an_input_error(line):
    refusals: list[str] = []
    try:
        list(read_trace([line], "a"))
    except InputError as refusal:
        refusals.append(str(refusal))
    assert all(map(str.isprintable, refusals))
