"""pf.simulate and the circuits it is given: eight lines of Python, and every problem at once."""

import subprocess
import sys
from typing import Any

import pytest

import perfuse as pf
from perfuse.parameters.circuits import default_support
from perfuse.parameters.vocabulary import unit_of, vocabulary

MODES = {"vv": pf.vv_ecmo, "va": pf.va_ecmo, "vav": pf.vav_ecmo, "vpa": pf.vpa_ecmo}


def problems(error: pytest.ExceptionInfo[Any]) -> dict[str, str]:
    return {problem.place: problem.text for problem in error.value.problems}


def test_importing_perfuse_loads_nothing_heavy() -> None:
    heavy = "('numpy', 'matplotlib', 'pyarrow', 'pint', 'pydantic', 'scipy', 'ruamel')"
    code = f"import sys, perfuse; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_every_public_name_loads_and_a_wrong_one_is_an_attribute_error() -> None:
    assert all(getattr(pf, name) is not None for name in pf.__all__)
    assert set(dir(pf)) == set(pf.__all__)
    with pytest.raises(AttributeError, match="simulat_many"):
        _ = pf.simulat_many


def test_the_lines_of_the_readme_work(readme_run: Any) -> None:
    assert "VV-ECMO" in repr(readme_run) and "not for clinical use" in repr(readme_run)
    after = readme_run.summary()["after"]
    assert after["SaO2_right_radial"]["unit"] == "%"
    assert readme_run.trends.column("MAP").length() == 240
    assert len(readme_run.plot_pv().axes) == 2


def test_on_vv_ecmo_hypoxaemic_blood_becomes_redder(readme_run: Any) -> None:
    assert readme_run.status == {"ok": True, "text": "ok"}
    assert readme_run.after["SaO2_right_radial"] > readme_run.before["SaO2_right_radial"] + 5.0
    assert 3.0 < readme_run.after["ecmo_flow"] < 7.0


def test_a_summary_holds_names_and_units_of_the_vocabulary(readme_run: Any) -> None:
    summary = readme_run.summary()
    for block in ("before", "after"):
        assert all(entry["unit"] == unit_of(name) for name, entry in summary[block].items())
    assert set(readme_run.trends.column_names) <= {"t", *vocabulary()}
    assert "ecmo_flow" not in summary["before"]
    assert {"ecmo_flow_arterial", "distal_flow"}.isdisjoint(summary["after"])


def test_the_same_seed_gives_the_same_bits() -> None:
    twice = [pf.simulate("healthy-adult", minutes=0.5, seed=5) for _ in range(2)]
    assert twice[0].trends.equals(twice[1].trends)


@pytest.mark.parametrize("mode", MODES)
def test_a_circuit_without_arguments_is_the_default_of_its_mode(mode: str) -> None:
    block = default_support(mode)
    support = MODES[mode]()
    assert support.mode == mode
    assert f"{support.pump.rpm:g} rpm" == block["pump"]["rpm"]
    assert [limb.cannula for limb in support.return_] == [limb["cannula"] for limb in block["return"]]
    block["pump"]["rpm"] = "1 rpm"
    assert default_support(mode)["pump"]["rpm"] != "1 rpm"


def test_text_may_carry_a_unit_and_bare_numbers_are_in_the_unit_of_the_table() -> None:
    a = pf.vv_ecmo(rpm="3000 rpm", sweep="2000 mL/min", fdo2="60 %", start="1 min", tip_distance="80 mm")
    b = pf.vv_ecmo(rpm=3000, sweep=2, fdo2=0.6, start=60, tip_distance=8)
    assert a == b


def test_flow_takes_the_place_of_speed() -> None:
    assert pf.va_ecmo(flow=4).pump.model_dump() == {"model": "rotaflow", "rpm": None, "flow": 4.0}


def test_a_dual_lumen_cannula_is_drainage_and_return() -> None:
    support = pf.vv_ecmo(dual_lumen="avalon_31")
    assert (support.drain[0].cannula, support.return_[0].cannula) == ("avalon_31_drainage", "avalon_31_infusion")
    with pytest.raises(pf.InputError, match="dual_lumen"):
        pf.vv_ecmo(dual_lumen="avalon_31", drain="hls_pvl_2555")


def test_a_distal_line_goes_with_a_femoral_return_alone() -> None:
    assert pf.va_ecmo().distal_perfusion is not None
    assert pf.va_ecmo(distal=None).distal_perfusion is None
    assert pf.va_ecmo(back_site="ascending_aorta").distal_perfusion is None


def test_every_problem_of_a_circuit_is_told_at_once() -> None:
    with pytest.raises(pf.InputError) as error:
        pf.vv_ecmo(rpm=9000, sweep=-1, fdo2=2, drain="hls_pvl_255")
    assert set(problems(error)) == {"support.pump.rpm", "support.gas.sweep", "support.gas.fdo2", "support.drain[0].cannula"}
    assert "hls_pvl_2555" in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"rpm": 3000, "flow": 4}, "support.pump"),
        ({"back_site": "femoral_artery"}, "support.mode"),
        ({"start": -1}, "support.start"),
        ({"flow": 7, "back": "nextgen_jug_17"}, "support.return[0].cannula"),
        ({"rpm": "4 L/min"}, "support.pump.rpm"),
    ],
)
def test_a_circuit_that_contradicts_itself_is_refused(arguments: dict[str, Any], place: str) -> None:
    with pytest.raises(pf.InputError) as error:
        pf.vv_ecmo(**arguments)
    assert place in problems(error)


def test_every_problem_of_a_run_is_told_at_once() -> None:
    with pytest.raises(pf.InputError) as error:
        pf.simulate("covid-adrs", minutes=0, protocol=[{"at": 0, "set": {"pump.rpm": 3000}}], ventilator={"peep": 90})
    assert {"patient", "duration", "ventilator.peep"} <= set(problems(error))
    with pytest.raises(pf.InputError, match="a patient should stand here"):
        pf.simulate(7)  # type: ignore[arg-type]
    with pytest.raises(pf.InputError, match="a circuit or a device should stand here"):
        pf.simulate("healthy-adult", "vv")  # type: ignore[arg-type]


def test_minutes_are_minutes_however_they_are_written() -> None:
    lengths = [pf.simulate("healthy-adult", minutes=m).trends.num_rows for m in (0.5, "0.5", "30 s", "0.5 min")]
    assert lengths == [30, 30, 30, 30]
