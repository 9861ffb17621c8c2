"""Case files: what is right is read, what is wrong is told at once, each with its place, its range and what to try."""

from typing import Any

import pytest

from perfuse.parameters import InputError, case_from, controls, load_case
from perfuse.parameters.case import case_from_text
from perfuse.parameters.faults import faults
from perfuse.parameters.library import case_names


def test_a_case_is_read_into_table_units_with_times_in_seconds(changed: Any) -> None:
    case = changed().case
    assert case.duration == 600
    assert case.support.start == 60
    assert case.support.pump.rpm == 3400
    assert case.support.drain[0].site == {"ivc": 1.0}
    assert case.support.return_[0].tip_distance == 10
    assert case.protocol[0].settings == {"pump.rpm": 3800.0}
    assert case.protocol[0].over == 30
    assert case.protocol[1].fluids == {"crystalloid": 500.0}
    assert case.outputs.waveforms[0].from_ == 540


def test_a_drainage_cannula_may_lie_in_several_sites(changed: Any) -> None:
    assert changed("site: ivc", "site: {ivc: 0.6, ra: 0.4}").case.support.drain[0].site == {"ivc": 0.6, "ra": 0.4}


def test_a_patient_may_be_changed_or_derived_from_the_bedside(changed: Any) -> None:
    some = changed("patient: healthy-adult", "patient: {library: healthy-adult, set: {weight: 80 kg}}").case
    assert some.patient.changes == {"weight": 80.0}
    derived = changed("patient: healthy-adult", "patient: {bedside: {weight: 80, MAP: 8 kPa, sex: female}}").case
    assert derived.patient.measurements == pytest.approx({"weight": 80.0, "MAP": 60.0049, "sex": 0.0}, rel=1e-5)


def test_the_word_none_means_no_support() -> None:
    text = "schema: perfuse-case/1\ntitle: alone\npatient: healthy-adult\nsupport: none\nduration: 1 min\n"
    assert case_from_text(text).support is None


CONTRADICTIONS = [
    ("site: ivc", "site: femoral_artery", "drain[0].site", "cannot lie in femoral artery"),
    ("site: ivc", "site: {ivc: 0.6, ra: 0.6}", "drain[0].site", "add up to 1.2"),
    ("site: ivc", "site: iwc", "drain[0].site", "not a drainage site"),
    ("site: ra, tip_distance: 10 cm", "site: femoral_artery", "support.mode", "vv drains from veins"),
    ("site: ra, tip_distance: 10 cm", "site: pa", "support.mode", "vv drains from veins"),
    ("mode: vv", "mode: va", "support.mode", "va returns to an artery only"),
    ("mode: vv", "mode: vav", "support.mode", "vav returns to a vein and to an artery"),
    ("mode: vv", "mode: vpa", "support.mode", "pulmonary artery"),
    ("mode: vv", "mode: vw", "support.mode", "not one of the choices"),
    ("rpm: 3400 rpm", "rpm: 3400 rpm, flow: 4 L/min", "support.pump", "both rpm and flow"),
    ("rotaflow, rpm: 3400 rpm", "rotaflow", "support.pump", "neither rpm nor flow"),
    ("{cannula: hls_pvl_2555", "{cannula: avalon_31_drainage", "drain[0].cannula", "used on one side alone"),
    ("{cannula: hls_pvl_2555", "{cannula: avalon_31_infusion", "drain[0].cannula", "is the infusion lumen"),
    ("{cannula: hls_pvl_2555", "{cannula: dpc_dlp_8", "drain[0].cannula", "distal perfusion cannula"),
    (
        "  start: 1 min",
        "  start: 1 min\n  distal_perfusion: {cannula: dpc_dlp_8}",
        "distal_perfusion",
        "needs a return in the femoral artery",
    ),
    ("fdo2: 1.0", "fdo2: 1.0, fdco2: 0.05", "support.gas", "more than the whole gas"),
    ("rpm: 3400 rpm", "flow: 7 L/min", "return[0].cannula", "too small for the flow asked"),
    ("set: {pump.rpm: 3800 rpm}", "set: {pump.rpm: 6000 rpm}", "protocol[0].set.pump.rpm", "above 5000 rpm"),
    ("set: {pump.rpm: 3800 rpm}", "set: {pump.flow: 7 L/min}", "return[0].cannula", "too small for the flow asked"),
]


@pytest.mark.parametrize(("old", "new", "place", "text"), CONTRADICTIONS, ids=[f"{new}"[:40] for _, new, _, _ in CONTRADICTIONS])
def test_a_contradictory_circuit_is_told_where_it_contradicts_itself(changed: Any, old: str, new: str, place: str, text: str) -> None:
    problem = changed(old, new).only()
    assert place in problem.place
    assert text in problem.text
    assert problem.hint or problem.allowed


SLIPS = [
    ("title: VV", "titel: VV", "titel", "Did you mean title?"),
    ("healthy-adult", "helthy-adult", "patient", "healthy-adult"),
    ("hls_pvl_2555", "hls_pvl_255", "drain[0].cannula", "hls_pvl_2555"),
    ("model: rotaflow", "model: rotaflo", "pump.model", "rotaflow"),
    ("model: rotaflow", "model: breethe", "pump.model", "rotaflow"),
    ("quadrox_id", "quadrox", "lung.model", "quadrox_id"),
    ("pump.rpm:", "pump.rmp:", "protocol[0].set.pump.rmp", "pump.rpm"),
    ("crystalloid", "cristaloid", "protocol[1].give.cristaloid", "crystalloid"),
    ("give: {crystalloid: 500 mL}", "fault: drain-kinc", "protocol[1].fault", "drain-kink"),
    ("tip_distance", "tipdistance", "return[0].tipdistance", "tip_distance"),
]


@pytest.mark.parametrize(("old", "new", "place", "hint"), SLIPS, ids=[new for _, new, _, _ in SLIPS])
def test_an_unknown_name_is_told_with_the_nearest_known_one(changed: Any, old: str, new: str, place: str, hint: str) -> None:
    told = changed(old, new)
    problem = next(p for p in told.problems if place in p.place)
    assert hint in (problem.hint or ""), told.message


WRONG_VALUES = [
    ("rpm: 3400 rpm", "rpm: 9000 rpm", "5000 rpm"),
    ("rpm: 3400 rpm", "rpm: 3400 L/min", "rotational speed"),
    ("sweep: 4 L/min", "sweep: 40 L/min", "0 to 15 L/min"),
    ("sweep: 4 L/min", "sweep: yes", "number"),
    ("fdo2: 1.0", "fdo2: 60", "0.6 or 60 %"),
    ("duration: 10 min", "duration: 600", "has no unit"),
    ("start: 1 min", "start: 60", "has no unit"),
    ("over: 30 s", "over: 30", "has no unit"),
    ("at: 3 min", "at: 180", "has no unit"),
    ("for: 10 s", "for: 10", "has no unit"),
    ("at: 3 min", "at: 3 mmHg", "time"),
    ("at: 3 min", "at: 11 min", "not before the end of the run"),
    ("start: 1 min", "start: 10 min", "not before the end"),
    ("from: 9 min, for: 10 s", "from: 9 min, for: 90 s", "after the run"),
    ("seed: 1", "seed: one", "whole number"),
    ("drain: [{cannula: hls_pvl_2555, site: ivc}]", "drain: {cannula: hls_pvl_2555, site: ivc}", "a list"),
    ("set: {pump.rpm: 3800 rpm}, ", "", "nothing happens"),
    ("over: 30 s", "severity: 0.5", "without a fault"),
    ("schema: perfuse-case/1", "schema: perfuse-case/7", "not one of the choices"),
    ("seed: 1", "seed: 1\nseed: 2", "second time"),
    ("patient: healthy-adult", "patient: {}", "neither 'library' nor 'bedside'"),
    ("patient: healthy-adult", "patient: {bedside: {weight: 750 kg}}", "35 to 250 kg"),
    ("patient: healthy-adult", "patient: {bedside: {MAP: 60 mmHg, CVP: 30 mmHg, SaO2: 60, SvO2: 80}}", "SvO2 80 is not below SaO2 60"),
    ("patient: healthy-adult", "patient: {bedside: {PaO2: 400 mmHg, FiO2: 0.3}}", "more than FiO2 0.3 can give"),
    ("patient: healthy-adult", "patient: {library: healthy-adult, set: {weight: 900 kg}}", "above"),
]


@pytest.mark.parametrize(("old", "new", "part"), WRONG_VALUES, ids=[new[:50] for _, new, _ in WRONG_VALUES])
def test_an_impossible_value_is_told_with_its_line_and_what_is_allowed(changed: Any, old: str, new: str, part: str) -> None:
    told = changed(old, new)
    problem = told.only()
    assert part in str(problem)
    assert problem.line is not None
    assert problem.allowed or problem.hint


def test_a_missing_part_is_told_once_and_the_rest_is_still_checked(changed: Any) -> None:
    told = changed("  lung: {model: quadrox_id}\n", "", "mode: vv", "mode: va", "title: VV-ECMO in a healthy adult\n", "")
    assert {p.place for p in told.problems} == {"support.lung", "support.mode", "title"}


def test_many_problems_are_told_at_once_in_the_order_of_the_file(changed: Any) -> None:
    told = changed(
        "site: ivc",
        "site: pa",
        "sweep: 4 L/min",
        "sweep: 99",
        "crystalloid",
        "wine",
        "duration: 10 min",
        "duration: 10",
        "seed: 1",
        "seed: x",
    )
    assert len(told.problems) == 5, told.message
    lines = [p.line for p in told.problems]
    assert lines == sorted(lines, key=lambda line: line or 0)
    for part in ("site: pa", "sweep: 99", "wine", "duration: 10", "seed: x"):
        assert told.line_of(part) in lines


@pytest.mark.parametrize("key", ["name", "MRN", "record number", "birth_date", "date of birth", "address", "Patient-ID", "email"])
def test_identifiable_data_are_refused_and_never_repeated(changed: Any, key: str) -> None:
    for where in ("seed: 1\n" + key + ": Jane Roe", "seed: 1"):
        told = changed("seed: 1", where, "patient: healthy-adult", f"patient: {{bedside: {{weight: 70 kg, {key}: Jane Roe}}}}")
        assert any("identifiable" in p.text for p in told.problems)
        assert "Jane" not in told.message
        assert "Jane" not in str([p.value for p in told.problems])


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "a: b: c",
        "\ta: 1",
        "a: 'x",
        "- 1",
        "just words",
        "",
        "3",
        "a: *x",
        "a: &x [1]\nb: *x",
        "a: !!python/name:os.system x",
        "{}",
        "schema:\n",
    ],
)
def test_wrong_yaml_is_told_in_words(text: str) -> None:
    with pytest.raises(InputError) as error:
        case_from_text(text, "x.yaml")
    assert str(error.value).startswith("x.yaml has ")
    assert all(problem.text for problem in error.value.problems)


def test_no_and_on_are_text_and_a_clock_time_is_not_a_number(changed: Any) -> None:
    assert changed("title: VV-ECMO in a healthy adult", "title: no").case.title == "no"
    assert "not a number with a unit" in changed("duration: 10 min", "duration: 12:30").only().text


def test_a_missing_file_and_an_unknown_shipped_case_say_what_to_try() -> None:
    with pytest.raises(InputError, match="perfuse cases"):
        load_case("nowhere/at/all.yaml")
    with pytest.raises(InputError, match="no shipped case"):
        load_case("vv-covid-ard")


def test_problems_are_json_for_programs(changed: Any) -> None:
    with pytest.raises(InputError) as error:
        case_from_text(changed("sweep: 4 L/min", "sweep: 40 L/min").text, "case.yaml")
    told = error.value.as_json()
    assert told["file"] == "case.yaml"
    problem = told["problems"][0]  # type: ignore[index]
    assert problem["place"] == "support.gas.sweep"
    assert problem["value"] == "40 L/min"
    assert problem["allowed"] == "0 to 15 L/min"


def test_from_python_a_bare_time_is_in_seconds() -> None:
    case = case_from(
        {
            "schema": "perfuse-case/1",
            "title": "x",
            "patient": "healthy-adult",
            "duration": 120,
            "protocol": [{"at": 5, "give": {"bleed": 100}}],
        }
    )
    assert case.duration == 120
    assert case.protocol[0].at == 5


def test_reading_does_not_change_what_was_given() -> None:
    data = {"schema": "perfuse-case/1", "title": "x", "patient": {"bedside": {"name": "x"}}, "duration": "1 s"}
    with pytest.raises(InputError):
        case_from(data)
    assert data["patient"] == {"bedside": {"name": "x"}}


def test_a_larger_cannula_of_the_same_role_is_named_with_the_pressure_drop(changed: Any) -> None:
    problem = changed("rpm: 3400 rpm", "flow: 5.5 L/min", "nextgen_jug_21", "nextgen_jug_15").only()
    assert "nextgen_jug_17" in (problem.hint or "")
    assert "mmHg at 5.5 L/min" in problem.text
    assert "4 L/min or less" in (problem.allowed or "")


def test_two_return_cannulae_share_the_flow_that_one_cannot_carry(changed: Any) -> None:
    assert changed("rpm: 3400 rpm", "flow: 5.5 L/min", "nextgen_jug_21", "nextgen_jug_17").case
    one = changed("rpm: 3400 rpm", "flow: 5.5 L/min", "nextgen_jug_21", "nextgen_jug_15")
    assert one.problems
    two = changed(
        "rpm: 3400 rpm",
        "flow: 5.5 L/min",
        "[{cannula: nextgen_jug_21, site: ra, tip_distance: 10 cm}]",
        "[{cannula: nextgen_jug_15, site: ra}, {cannula: nextgen_jug_15, site: svc}]",
    )
    assert two.case, two.message


def test_both_lumens_of_a_dual_lumen_cannula_together_are_right(changed: Any) -> None:
    told = changed("{cannula: hls_pvl_2555", "{cannula: avalon_31_drainage", "{cannula: nextgen_jug_21", "{cannula: avalon_31_infusion")
    assert told.case, told.message


@pytest.mark.parametrize("name", sorted(faults()))
def test_every_fault_can_stand_in_a_protocol(changed: Any, name: str) -> None:
    told = changed("give: {crystalloid: 500 mL}", f"fault: {name}, severity: 0.5")
    missing = {
        "distal": "distal perfusion line",
        "lvad": "pump of the left heart",
        "rvad": "pump of the right heart",
        "balloon": "a balloon",
    }
    part = faults()[name].control.split(".")[0]
    if part in missing:
        assert missing[part] in told.only().text
    else:
        assert told.case.protocol[1].fault == name, told.message


def test_circuit_controls_need_a_circuit() -> None:
    text = "schema: perfuse-case/1\ntitle: x\npatient: healthy-adult\nduration: 5 min\n"
    text += "protocol:\n  - {at: 1 min, set: {pump.rpm: 3000 rpm}}\n"
    with pytest.raises(InputError, match="there is no support"):
        case_from_text(text)


@pytest.mark.parametrize(("name", "line"), [("drain2.clamp", "second drainage line"), ("return2.clamp", "second return line")])
def test_controls_of_a_second_line_need_that_line(changed: Any, name: str, line: str) -> None:
    assert line in changed("set: {pump.rpm: 3800 rpm}", f"set: {{{name}: 1}}").only().text


NOT_THERE = {"pump", "distal", "drain2", "return2", "lvad", "rvad", "impella", "impella_rp", "balloon", "pulsatile"}
"""Parts whose controls the case of these tests has no use for (or, the pump's, a narrower range)."""


def test_every_control_can_be_set_to_both_ends_of_its_range(changed: Any) -> None:
    for name, entry in controls().items():
        for end in (entry.low, entry.high):
            if end is None or entry.options or name.split(".")[0] in NOT_THERE:
                continue
            told = changed("set: {pump.rpm: 3800 rpm}", f"set: {{{name}: {end!r}}}")
            assert (told.case is None) == bool(entry.instead), told.message


@pytest.mark.parametrize("name", case_names())
def test_every_shipped_case_is_read(name: str) -> None:
    assert load_case(name).title


def test_a_scaled_patient_is_one_of_the_library_and_has_one_weight() -> None:
    base = {"schema": "perfuse-case/1", "title": "t", "duration": 60.0}
    assert case_from({**base, "patient": {"library": "healthy-adult", "scaled_to": "45 kg"}}).patient.scaled_to == 45.0
    with pytest.raises(InputError, match="both give the weight"):
        case_from({**base, "patient": {"library": "healthy-adult", "scaled_to": "45 kg", "set": {"weight": 50}}})
    with pytest.raises(InputError, match="measured"):
        case_from({**base, "patient": {"bedside": {"weight": "50 kg", "MAP": "70 mmHg"}, "scaled_to": "45 kg"}})
    with pytest.raises(InputError, match="kg"):
        case_from({**base, "patient": {"library": "healthy-adult", "scaled_to": "5 kg"}})
