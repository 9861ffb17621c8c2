"""What a trainee's screen receives: what the bedside shows, and never what is wrong, nor what no device could measure (C-03)."""

import json
from typing import Any

import pytest

from perfuse.bedside.layout import layout
from perfuse.bedside.tables import table
from perfuse.parameters.faults import faults
from perfuse.parameters.tables import controls
from perfuse.views.console import sight

HIDES = set(table("sights")["trainee"]["hides"])
SECRET = "all this happens because of an opaque thing"


def leaves(value: Any) -> list[str]:
    """Every word of a message: names and texts."""
    if isinstance(value, dict):
        return [*value, *(word for one in value.values() for word in leaves(one))]
    if isinstance(value, list):
        return [word for one in value for word in leaves(one)]
    return [value] if isinstance(value, str) else []


def secrets(ident_title: str) -> set[str]:
    """Words that would give a case away, in small letters."""
    names = {name for name in faults() if "-" in name} | {one.title for one in faults().values()} | {"recirculation", "bleeding"}
    behind = {
        control for control in controls() if control.startswith(("patient.", "lung.")) or control in ("return.tip_distance", "pump.air")
    }
    return {word.lower() for word in names | behind | {ident_title, "COVID-19 ARDS", SECRET}}


@pytest.fixture
def operator(server: Any, run: str) -> Any:
    return server.page(run)


@pytest.fixture
def trainee(server: Any, run: str, operator: Any) -> Any:
    return server.page(run, "trainee")


def test_a_trainee_is_never_told_what_is_wrong(server: Any, run: str, operator: Any, trainee: Any) -> None:
    before = [message for message in trainee.told if message["k"] == "layout"][-1]
    operator.do("note", text=SECRET)
    operator.do("branch", words=SECRET)
    for name in [one["fault"] for one in operator.last["layout"]["faults"]]:
        assert operator.ask("fault", fault=name, severity=0.3, over=60)["ok"]
    for control, value in {"lung.clot": 0.1, "patient.mitral_leak": 0.1, "return.tip_distance": 5, "pump.air": 0.1}.items():
        operator.do("set", control=control, value=value)
    operator.do("sensor", sensor="art_zero", value=10)
    operator.ahead(200)
    operator.do("goto", t=30)
    operator.do("fault", fault="bleeding", severity=1)
    operator.ahead(30)
    trainee.do("draw", what="gas", site="right radial")
    for verb in ("see", "look"):
        trainee.do(verb, loops=True)
    trainee.listen(1.5)
    trainee.leave()
    trainee = server.page(run, "trainee")
    for query in (
        "names=" + ",".join(sorted(HIDES)),
        "names=MAP,ecmo_flow,CO",
        "names=recirculation",
        "names=nothing",
        "course=Q&names=MAP",
    ):
        answer = server.ask(f"/api/runs/{run}/trends?{query}&role=trainee")
        trainee.told.append({"k": "trends", "body": answer.json})
    for what in ("case.yaml", "trends.parquet", "report.html"):
        assert server.ask(f"/api/runs/{run}/export/{what}?role=trainee").status == 404
    assert server.ask("/api/start?role=trainee").json["runs"] == []

    found = trainee.told
    kinds = {message["k"] for message in found}
    assert {"hello", "layout", "state", "num", "alarms", "log", "lab", "trends"} <= kinds and "loops" not in kinds
    told = [message for message in found if message["k"] != "layout"]
    text = json.dumps(told).lower()
    title = operator.last["hello"]["title"]
    assert [secret for secret in secrets(title) if secret in text] == []
    words = {word for message in told if message["k"] != "lab" for word in leaves(message)}
    assert words & HIDES == set()
    assert words & set(faults()) == set()
    again = [message for message in found if message["k"] == "layout"][-1]
    assert again == before and again["faults"] == [] and again["sensors"] == []
    assert not again["loops"] and not any(lane["quantity"] in HIDES for page in again["trends"] for lane in page["lanes"])
    states = [message for message in found if message["k"] == "state"]
    assert all(state["faults"] == {} and state["sensors"] == {} for state in states)


def test_the_operator_is_told_all_of_it(operator: Any) -> None:
    operator.do("fault", fault="bleeding", severity=1)
    assert operator.have("state", lambda state: state["faults"])["faults"] == {"bleeding": 1}
    assert operator.next("num")["v"].keys() & HIDES >= {"CO", "PaO2", "recirculation"}
    operator.do("see", loops=True)
    assert operator.next("loops")["lv"]


def test_a_trainee_sets_what_the_bedside_offers_and_nothing_behind_it(trainee: Any) -> None:
    offered = sight.settable(trainee.last["layout"])
    assert {"pump.rpm", "pump.flow", "gas.sweep", "return.clamp", "ventilator.peep", "drug.norepinephrine"} <= set(offered)
    state = trainee.last["state"]["set"]
    hidden = [name for name in controls() if name not in offered]
    assert {"lung.clot", "return.tip_distance", "patient.effusion", "gas.connected", "pump.power", "bleeding.rate"} <= set(hidden)
    for name in hidden[:: len(hidden) // 60 + 1]:
        answer = trainee.ask("set", control=name, value=1)
        assert not answer["ok"] and answer["error"] == "this screen may not set that" and not answer["allowed"]
    for name in offered[:12]:
        assert trainee.ask("set", control=name, value=state[name])["ok"]


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "fault", "fault": "bleeding"},
        {"do": "sensor", "sensor": "art_zero", "value": 5},
        {"do": "speed", "value": 60},
        {"do": "pause"},
        {"do": "goto", "t": 0},
        {"do": "back", "seconds": 5},
        {"do": "branch"},
        {"do": "course", "id": "A"},
        {"do": "start", "support": "va"},
        {"do": "console", "name": "two-number"},
        {"do": ["set"]},
        {"do": "join"},
    ],
    ids=lambda request_: str(request_["do"]),
)
def test_a_trainee_does_not_rule_time_or_fate(trainee: Any, request_: dict[str, Any]) -> None:
    verb = request_["do"]
    trainee.number += 1
    trainee.socket.send(json.dumps({"n": trainee.number, **request_}))
    answer = trainee.next("done")
    assert not answer["ok"] and answer["error"]
    assert answer["n"] == (0 if isinstance(verb, list) else trainee.number)


def test_a_trainees_own_deeds_are_in_its_log(trainee: Any, operator: Any) -> None:
    trainee.do("note", text="flow falls")
    trainee.do("set", control="gas.sweep", value=6)
    trainee.do("do", procedure="stop-bleeding")
    for page in (trainee, operator):
        page.listen(0.3)
        entries = [entry for message in page.told if message["k"] == "log" for entry in message["entries"] if entry["actor"] == "trainee"]
        assert [(entry["verb"], entry["target"]) for entry in entries] == [
            ("note", "note"),
            ("set", "gas.sweep"),
            ("do", "stop-bleeding"),
        ]


def test_a_console_of_two_numbers_has_no_pressures_for_a_trainee(server: Any, run: str, operator: Any, trainee: Any) -> None:
    operator.do("console", name="two-number")
    shown = trainee.have("layout", lambda found: not found["devices"][0]["pressures"])
    assert "P_ven" not in shown["channels"]
    trainee.listen(1.2)
    numbers = trainee.next("num")["v"]
    assert "ecmo_flow" in numbers and not numbers.keys() & {"P_ven", "P_int", "P_art", "dP", "S_pre", "S_post"}
    trends = server.ask(f"/api/runs/{run}/trends?names=P_ven,ecmo_flow&role=trainee").json["values"]
    assert list(trends) == ["ecmo_flow"]
    assert trainee.waves[-1].channels == len(shown["channels"])


@pytest.mark.parametrize("two", [False, True])
def test_no_hidden_quantity_passes_whatever_the_device(two: bool) -> None:
    everything = dict.fromkeys([*HIDES, "MAP", "P_ven"], 1.0)
    assert sight.numbers("trainee", everything, two).keys() == ({"MAP"} if two else {"MAP", "P_ven"})
    assert sight.numbers("operator", everything, two).keys() == everything.keys()
    assert sight.numbers("operator", {"MAP": float("nan"), "HR": float("inf"), "CVP": None}, two) == dict.fromkeys(("MAP", "HR", "CVP"))


@pytest.mark.parametrize("support", ["none", "vv", "va", "impella", "lvad", "balloon", "bivad", "tah"])
def test_the_layout_of_a_trainee_names_no_fault_and_no_model_view(support: str) -> None:
    from perfuse.views.console.starts import chosen_case

    _, case = chosen_case("shock-scai-d", support)
    found = layout(case, "right radial", False, "trainee")
    assert found["faults"] == [] and found["sensors"] == [] and not found["loops"] and not found["aorta"]
    assert set(sight.settable(found)) & {one.control for one in faults().values()} <= {
        "return.clamp",
        "distal.clamp",
        "balloon.inflation",
        "balloon.deflation",
    }
