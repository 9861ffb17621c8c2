"""Requests straight to the bed, drawn without mercy: each is done and kept, or refused and nothing has changed."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfuse.bedside.actions import NAMES, VERBS, Refused
from perfuse.bedside.packing import packed
from perfuse.bedside.run import Run
from perfuse.bedside.store import open_store
from perfuse.bedside.tables import table
from perfuse.bedside.writer import Writer
from perfuse.parameters.faults import faults
from perfuse.parameters.tables import controls
from perfuse.views.console.door import json_of
from perfuse.views.console.starts import chosen_case

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.sampled_from([10**400, -(10**400)]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
KNOWN = [
    *controls(),
    *faults(),
    *table("tray")["procedures"],
    *table("laboratory"),
    *table("alarms"),
    *table("sensors"),
    "rest",
    "vv",
    "bleed",
]
KNOWN += ["right radial", "below", "above", "high", "low", "two-number", "integrated", "crystalloid"]
REQUEST = st.dictionaries(st.sampled_from([*NAMES, "n", "more"]), ANYTHING | st.sampled_from(KNOWN) | st.floats(0, 5000))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    store = open_store(tmp_path_factory.mktemp("requests") / "runs.db")
    writer = Writer(store)
    title, case = chosen_case("covid-ards", "vv")
    yield Run.begin("r", title, case, store, writer)
    assert writer.close() and writer.error == ""
    store.close()


@given(verb=st.sampled_from([*VERBS, "nothing"]), request=REQUEST)
@settings(max_examples=300)
def test_a_request_is_done_and_kept_or_refused_without_a_trace(kept: Run, verb: str, request: dict[str, Any]) -> None:
    before, count = packed(kept.bed.state()), len(kept.events)
    try:
        event = kept.act({**request, "do": verb}, "operator")
    except Refused as refused:
        assert refused.text
        assert packed(kept.bed.state()) == before and len(kept.events) == count
    else:
        assert event.verb == verb and event.detail["words"]
        json.dumps(event.detail, allow_nan=False).encode()
        kept.keep()
    if kept.bed.ok:
        kept.advance(25)
        json.dumps(kept.bed.alarms.listed(), allow_nan=False)
        assert all(value is None or math.isfinite(value) for value in kept.bed.shown.values())
    else:
        kept.go_back(0.0, "operator")


@given(
    st.binary() | st.text(st.characters(exclude_categories=())).map(json.dumps) | ANYTHING.map(lambda value: json.dumps(value, default=str))
)
def test_what_is_read_can_be_said_again(text: Any) -> None:
    try:
        found = json_of(text)
    except ValueError:
        return
    assert json.loads(json.dumps(found, ensure_ascii=False, allow_nan=False).encode()) == found
