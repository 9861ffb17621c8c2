"""One patient on several supports."""

from typing import Any

import pytest

import perfuse as pf
from perfuse.parameters.case import case_from_text
from perfuse.results.compared import variant_of

CASE = """
schema: perfuse-case/1
title: compared
patient: covid-ards
ventilator: {mode: pressure, peep: 10 cmH2O, driving_pressure: 10 cmH2O, rate: 12 /min, fio2: 0.4}
support:
  mode: va
  drain: [{cannula: hls_pvl_2555, site: ivc}]
  return: [{cannula: hls_pas_1915, site: femoral_artery}]
  pump: {model: rotaflow, rpm: 3000 rpm}
  lung: {model: quadrox_id}
  gas: {sweep: 3 L/min, fdo2: 1.0}
  distal_perfusion: {cannula: dpc_dlp_6}
  start: 40 s
protocol:
  - {at: 50 s, set: {pump.rpm: 3300 rpm, drug.norepinephrine: 0.05 ug/kg/min}, over: 5 s}
  - {at: 55 s, fault: distal-clamp}
duration: 90 s
"""


@pytest.fixture(scope="module")
def case() -> Any:
    return case_from_text(CASE)


@pytest.fixture(scope="module")
def runs(case: Any) -> dict[str, Any]:
    names = ["none", "vv", "va", "vav", "vpa"]
    return dict(zip(names, pf.compare(case, names), strict=True))


def test_the_own_circuit_has_the_same_bits_as_a_run_of_the_case(case: Any, runs: dict[str, Any]) -> None:
    assert runs["va"].after == pf.run_case(case).after


def test_every_support_starts_from_the_same_patient(runs: dict[str, Any]) -> None:
    for name in ("vv", "vav", "vpa"):
        assert runs[name].before["MAP"] == pytest.approx(runs["va"].before["MAP"], abs=0.3)
        assert runs[name].before["SaO2_right_radial"] == pytest.approx(runs["va"].before["SaO2_right_radial"], abs=0.3)
    early = [run.trends.column("lactate")[0].as_py() for run in runs.values()]
    assert early == pytest.approx([early[0]] * 5, abs=1e-3)


def test_each_run_is_on_its_own_support(runs: dict[str, Any]) -> None:
    assert [None if run.support is None else run.support.mode for run in runs.values()] == [None, "vv", "va", "vav", "vpa"]
    assert "ecmo_flow" not in runs["none"].after
    assert runs["va"].support.return_[0].cannula == "hls_pas_1915"
    assert runs["vv"].after["SaO2_right_radial"] > runs["none"].after["SaO2_right_radial"]
    assert runs["va"].after["CO"] < runs["none"].after["CO"]
    assert "ecmo_flow_venous" in runs["vav"].after


def test_what_a_support_lacks_is_left_out_and_said(runs: dict[str, Any]) -> None:
    left_out = {name: [w for w in run.warnings if w.startswith("Left out")] for name, run in runs.items()}
    assert left_out["va"] == left_out["vav"] == []
    assert len(left_out["vv"]) == 1 and "distal-clamp" in left_out["vv"][0]
    assert any("pump.rpm" in w and "distal-clamp" in w and "no circuit" in w for w in left_out["none"])
    assert any("ventilat" in w for w in left_out["none"])


def test_what_does_not_need_a_circuit_is_kept(case: Any) -> None:
    without, _ = variant_of(case, "none")
    assert [step.settings for step in without.protocol] == [{"drug.norepinephrine": 0.05}]
    assert without.protocol[0].over == 5.0
    vv, _ = variant_of(case, "vv")
    assert [set(step.settings) for step in vv.protocol] == [{"pump.rpm"}, {"drug.norepinephrine"}]
    assert vv.support is not None and vv.support.start == 40.0


def test_the_case_itself_is_left_as_it_is(case: Any, runs: dict[str, Any]) -> None:
    assert case == case_from_text(CASE)


def test_an_unknown_support_is_refused(case: Any) -> None:
    with pytest.raises(pf.InputError, match="Did you mean vav"):
        pf.compare(case, ["none", "vavv"])


@pytest.mark.parametrize(
    ("name", "said"), [("va+vv", "two ECMO circuits"), ("none+va", "none stands alone"), ("va+vavv", "Did you mean vav")]
)
def test_what_cannot_run_together_is_refused(case: Any, name: str, said: str) -> None:
    with pytest.raises(pf.InputError, match=said):
        pf.compare(case, [name])


def test_every_run_keeps_the_loops_of_both_ventricles(runs: dict[str, Any]) -> None:
    for run in runs.values():
        assert set(run.loops["after"]) == {"lv", "rv"}
        assert all(volume.size == pressure.size > 20 for volume, pressure in run.loops["after"].values())
