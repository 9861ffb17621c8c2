"""A pump is a pump wherever its ends lie: a pump of an ECMO circuit as left, right or biventricular assist device."""

from typing import Any

import pytest

import perfuse as pf
from perfuse.engine.pump_curves import flow_against, head
from perfuse.parameters.assist import RotaryPump
from perfuse.parameters.case import case_from
from perfuse.parameters.library import heart_device, heart_devices, load_pump, running_pumps
from perfuse.parameters.problems import InputError
from perfuse.results.run import averages


def beside(name: str) -> RotaryPump:
    found = heart_device(name)
    assert isinstance(found, RotaryPump)
    return found


def after(*devices: Any, patient: str = "shock-scai-e") -> dict[str, float]:
    run = pf.simulate(patient, list(devices), minutes=8)
    return averages(run.columns, 420.0, 480.0)


@pytest.mark.parametrize("name", running_pumps())
def test_a_pump_has_one_curve_wherever_it_stands(name: str) -> None:
    for rpm, flow in ((0.0, 2.0), (2000.0, 0.0), (3000.0, 5.0), (3000.0, -1.0)):
        assert head(beside(name), rpm, flow) == pytest.approx(head(load_pump(name), rpm, flow), rel=1e-12)


@pytest.mark.parametrize("name", running_pumps())
def test_its_usual_speed_gives_usual_flow_through_its_line(name: str) -> None:
    pump = beside(name)
    assert pump.usual_rpm_low.value <= pump.usual_rpm.value <= pump.usual_rpm_high.value <= pump.rpm_max.value
    assert 3.0 < flow_against(pump, pump.usual_rpm.value, 80.0, line=True) < 6.0


def test_it_is_offered_beside_the_devices_that_stand_there_alone() -> None:
    assert {"centrimag", "rotaflow", "heartmate3", "iabp_40", "excor_60"} <= set(heart_devices())
    assert len(set(heart_devices())) == len(heart_devices())


@pytest.mark.parametrize("name", ["centrimag", "rotaflow"])
def test_a_left_pump_unloads_the_left_heart_and_a_right_one_the_right(name: str) -> None:
    alone, left = after(), after({"model": name, "side": "left"})
    both = after({"model": name, "side": "left"}, {"model": name, "side": "right"})
    assert left["MAP"] > alone["MAP"] + 5.0
    assert left["LAP"] < alone["LAP"] - 5.0
    assert both["CVP"] < left["CVP"] - 2.0
    assert both["total_flow"] > left["total_flow"]


def test_a_faster_pump_gives_more_flow_until_its_inlet_is_sucked_shut() -> None:
    flows = [after({"model": "centrimag", "side": "left", "rpm": rpm})["lvad_flow"] for rpm in (2500, 3000, 3500)]
    assert flows == sorted(flows)
    assert flows[0] > 2.0


def test_a_right_pump_with_a_lung_is_a_circuit_from_right_atrium_to_pulmonary_artery() -> None:
    run = pf.simulate("shock-scai-e", pf.vpa_ecmo(pump="centrimag", rpm=3000, sweep=3, fdo2=1.0), minutes=8)
    found = averages(run.columns, 420.0, 480.0)
    assert found["ecmo_flow"] > 2.0
    assert found["CVP"] < after()["CVP"] - 2.0


def test_it_takes_from_an_atrium_where_the_case_says_so() -> None:
    apex, atrium = (after({"model": "centrimag", "side": "left", "rpm": 3000, "inlet": inlet}) for inlet in ("lv", "la"))
    assert atrium["LVEDV"] > apex["LVEDV"]
    assert atrium["lvad_flow"] > 2.0


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("centrimg", "'centrimg' is not in the library"),
        ("lifesparc", "'lifesparc' cannot be run: "),
        ("hls_pvl_2555", "'hls_pvl_2555' does not stand in or beside the heart"),
    ],
)
def test_what_cannot_stand_there_is_refused_with_the_reason(model: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        case_from({"schema": "perfuse-case/1", "title": "t", "duration": 60.0, "patient": "healthy-adult", "devices": [{"model": model}]})
