"""The shipped library."""

from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.parameters import (
    Cannula,
    InputError,
    MembraneLung,
    Pump,
    Quantity,
    library,
    limits,
    load_device,
    load_patient,
    load_pump,
    patients,
    units,
)
from perfuse.parameters.faults import faults
from perfuse.parameters.library import KINDS, device_kind, devices
from perfuse.parameters.records import MARKS
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.parameters.sources import source_text, sources
from perfuse.parameters.tables import bedside, case_fields, controls, fluids, patient_parameters, scaled
from perfuse.parameters.vocabulary import vocabulary

TABLES = {f.__name__: f for f in (bedside, case_fields, controls, fluids, patient_parameters)}


def quantities() -> Iterator[tuple[str, Quantity]]:
    for kind in KINDS:
        for name, device in device_kind(kind).items():
            for field in fields(device):
                value = getattr(device, field.name)
                if isinstance(value, Quantity):
                    yield f"{name}.{field.name}", value
    for name, limit in limits().items():
        for key in ("warn", "alarm", "stop", "usual_low", "usual_high"):
            if getattr(limit, key) is not None:
                yield f"{name}.{key}", getattr(limit, key)
    for line in patients():
        for name, quantity in load_patient(line.name).parameters.items():
            yield f"{line.name}.{name}", quantity


def test_every_number_has_a_unit_a_source_and_a_mark() -> None:
    found = list(quantities())
    assert len(found) > 400
    for place, quantity in found:
        assert quantity.mark in MARKS, place
        assert quantity.source, place
        assert all(source_text(key) for key in quantity.source), place
        assert units.known(quantity.unit), place


def test_every_measured_point_has_a_source() -> None:
    for kind in KINDS:
        for name, device in device_kind(kind).items():
            for point in getattr(device, "points_seen", ()):
                assert point.source or device.source, name


@pytest.mark.parametrize("kind", KINDS)
def test_every_device_is_listed_with_one_line_and_a_source(kind: str) -> None:
    for line in devices(kind):
        assert line.text
        assert "\n" not in line.text
        assert line.source
        assert load_device(line.name).name == line.name


@pytest.mark.parametrize("name", ["breethe", "lifesparc"])
def test_a_pump_without_a_curve_is_listed_but_cannot_be_run_and_others_are_named(name: str) -> None:
    assert "cannot be run" in next(line.text for line in devices("pumps") if line.name == name)
    with pytest.raises(InputError, match="no head-flow curve") as error:
        load_pump(name)
    assert "rotaflow" in str(error.value)


def test_running_pumps_pass_near_their_published_points() -> None:
    for name in ("rotaflow", "centrimag"):
        pump = load_pump(name)
        assert pump.a is not None
        assert pump.c is not None
        for point in pump.points_seen:
            rpm, flow, head = point.values
            assert pump.a.value * (rpm / 1000) ** 2 - pump.c.value * flow * abs(flow) == pytest.approx(head, rel=0.08), name


def test_cannulae_pass_near_the_points_of_their_charts() -> None:
    for name, cannula in device_kind("cannulae").items():
        assert isinstance(cannula, Cannula)
        for point in cannula.points_seen:
            flow, drop = point.values
            assert cannula.drop(flow) == pytest.approx(drop, abs=8.0, rel=0.1), name


def test_a_larger_cannula_of_one_family_has_a_smaller_pressure_drop() -> None:
    families: dict[tuple[str, str], list[Cannula]] = {}
    for name, cannula in device_kind("cannulae").items():
        assert isinstance(cannula, Cannula)
        if name != "dpc_nextgen_8":
            families.setdefault((name.split("_")[0], cannula.role), []).append(cannula)
    for family in families.values():
        family.sort(key=lambda c: c.size.value)
        for small, large in pairwise(family):
            if large.size.value - small.size.value >= 2:
                # at an adult flow; the charts of ProtekDuo 29 and 31 Fr drainage cross below 3.5 L/min
                assert large.drop(4.0) < small.drop(4.0), (small.name, large.name)


def test_the_lumens_of_a_dual_lumen_cannula_name_each_other() -> None:
    for name, cannula in device_kind("cannulae").items():
        assert isinstance(cannula, Cannula)
        if cannula.role.startswith("dual"):
            other = load_device(cannula.pair)
            assert isinstance(other, Cannula)
            assert other.pair == name
            assert other.size.value == cannula.size.value
        else:
            assert cannula.pair == ""


def test_membrane_lungs_drop_what_their_source_says_at_5_litres() -> None:
    lung = load_device("quadrox_id")
    assert isinstance(lung, MembraneLung)
    assert lung.R0.value * 5**lung.n.value == pytest.approx(39, abs=1)
    bypass = load_device("capiox_sx25")
    assert isinstance(bypass, MembraneLung)
    for flow in (3.0, 4.0, 5.0, 6.0):
        assert bypass.R0.value * flow**bypass.n.value == pytest.approx(23.934 * flow - 28.388, rel=0.05)


def test_a_stopped_pump_holds_no_blood_back_more_than_it_pushes() -> None:
    for name in ("rotaflow", "cardiohelp_hls", "centrimag", "dp3"):
        pump = load_pump(name)
        assert isinstance(pump, Pump)
        assert pump.c_back is not None
        assert pump.c_back.value > 0, name


@pytest.mark.parametrize(("load", "name", "near"), [(load_device, "rotaflo", "rotaflow"), (load_patient, "healty-adult", "healthy-adult")])
def test_an_unknown_name_gives_the_nearest_names(load: object, name: str, near: str) -> None:
    with pytest.raises(InputError, match=near):
        load(name)  # type: ignore[operator]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_names_units_that_can_be_read_and_sources_that_are_known(name: str) -> None:
    for entry in TABLES[name]().values():
        assert units.known(entry.unit), entry.name
        assert all(source_text(key) for key in entry.source), entry.name


def test_controls_and_case_fields_of_one_name_have_one_unit() -> None:
    shared = {f"support.{name}": entry for name, entry in controls().items()} | dict(controls())
    for name, entry in case_fields().items():
        if name in shared:
            assert shared[name].unit == entry.unit, name


def test_every_fault_moves_a_control_from_rest_to_its_full_form() -> None:
    for fault in faults().values():
        assert fault.value(0.0) == pytest.approx(fault.neutral)
        assert fault.value(1.0) == pytest.approx(fault.full)
        assert min(fault.neutral, fault.full) < fault.value(0.5) < max(fault.neutral, fault.full)
        assert controls()[fault.control].unit


def test_every_reported_name_has_a_unit_that_can_be_read() -> None:
    for name in vocabulary().values():
        assert units.known(name.unit), name
        assert all(units.known(unit) for unit in name.also.split()), name


def test_no_two_sources_say_the_same() -> None:
    assert len(set(sources().values())) == len(sources())


def test_library_files_use_no_word_of_judgement() -> None:
    for path in library.HERE.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8").lower()
        assert "recommended setting" not in text, path.name
    assert SAFETY_TEXT.startswith("perfuse simulates; it does not know any patient.")


def test_a_scaled_body_keeps_pressures_rates_and_concentrations_and_changes_volumes_and_flows() -> None:
    own = {name: quantity.value for name, quantity in load_patient("healthy-adult").parameters.items()}
    small = scaled(own, 45.0)
    share = 45.0 / own["weight"]
    for name in ("weight", "blood_volume", "vo2", "lv_v0", "splanchnic_vein_compliance"):
        assert small[name] == pytest.approx(share * own[name])
    for name in ("svr", "lv_contractility", "lv_alpha"):
        assert small[name] == pytest.approx(own[name] / share)
    for name in ("heart_rate", "hb", "baroreflex_set_point", "lv_beta", "shunt"):
        assert small[name] == own[name]


@given(st.floats(40.0, 120.0))
def test_scaling_there_and_back_changes_nothing(weight: float) -> None:
    own = {name: quantity.value for name, quantity in load_patient("shock-scai-c").parameters.items()}
    again = scaled(scaled(own, weight), own["weight"])
    assert again == pytest.approx(own, rel=1e-9)
