"""The same bits everywhere: one patient, lanes, plain Python, any batch, any cut of the run, any replay."""

import functools
from collections.abc import Mapping

import numpy as np
import pytest
from bodies import Array, running

from perfuse.engine import kernel as kernels
from perfuse.engine.build import circuit_rows
from perfuse.engine.kernel import NO_ROWS, NOTHING
from perfuse.engine.run import SLOW_DT, Engine, Ramp, engine
from perfuse.parameters.library import case_names, load_case
from perfuse.results.course import column, patient_values

CASES = [name for name in case_names() if load_case(name).support is not None and not load_case(name).devices]
SECONDS = 10.0
ATRIAL_FIBRILLATION = {"rhythm": 1.0, "irregularity": 0.2}


@functools.cache
def start(case: str) -> Mapping[str, float]:
    """A shipped case ten seconds after its circuit was opened, as rows by name."""
    found = load_case(case)
    values, _ = patient_values(found.patient)
    rows = column(values, found.support) | circuit_rows(found.support) | {"dice": float(1 + found.seed)}
    made = engine("ecmo", [rows], 1)
    made.advance(10.0)
    return made.values()


@functools.cache
def alone(case: str) -> Array:
    """The same case a while later, moved by the kernel of one patient."""
    made = engine("ecmo", [start(case)], 1)
    made.advance(SECONDS)
    assert made.healthy().all()
    return made.buffer


def lane(made: Engine, number: int) -> Array:
    return made.buffer.reshape(-1, made.lanes)[:, number]


def same_bits(one: Array, other: Array) -> bool:
    return np.asarray(one).tobytes() == np.asarray(other).tobytes()


@pytest.mark.parametrize("case", CASES)
def test_plain_python_gives_the_bits_of_the_compiled_kernel(case: str) -> None:
    buffer = engine("ecmo", [start(case)], 1).buffer.tolist()
    kernels.plain("ecmo")(buffer, round(SECONDS / SLOW_DT), NOTHING, NO_ROWS, 10**9, NOTHING, NO_ROWS, 0)
    assert same_bits(np.array(buffer), alone(case))


@pytest.mark.slow  # compiles kernels
@pytest.mark.parametrize("lanes", [8, 16])
def test_lanes_of_different_patients_give_each_the_bits_he_has_alone(lanes: int) -> None:
    order = [CASES[i % len(CASES)] for i in range(lanes)]
    made = engine("ecmo", [start(case) for case in order], lanes)
    made.advance(SECONDS)
    assert [case for i, case in enumerate(order) if not same_bits(np.ascontiguousarray(lane(made, i)), alone(case))] == []


def test_the_kernel_of_a_patient_without_devices_gives_the_same_bits_in_lanes_and_in_plain_python() -> None:
    begin = running("healthy-adult", None, 10.0)
    rows, buffer = begin.values(), begin.buffer.tolist()
    begin.advance(2.0)
    kernels.plain("patient")(buffer, 100, NOTHING, NO_ROWS, 10**9, NOTHING, NO_ROWS, 0)
    many = engine("patient", [rows], 8)
    many.advance(2.0)
    assert same_bits(np.array(buffer), begin.buffer)
    assert same_bits(np.ascontiguousarray(lane(many, 5)), begin.buffer)


def test_how_a_run_is_cut_and_what_is_recorded_changes_nothing() -> None:
    case = CASES[0]
    made = engine("ecmo", [start(case)], 1)
    made.advance(3.0, ["beat_map"], 1.0)
    made.advance(0.5, wave_rows=["lv_volume"], wave_every=5)
    made.advance(6.5, ["flow_mean"], 0.5)
    assert same_bits(made.buffer, alone(case))


def changed(made: Engine, number: int | None = None) -> Engine:
    """With a ramp of the pump and one of noradrenaline to come."""
    made.plan(Ramp(made.time + 1.0, "pump_set", 2500.0, 4.0, lane=number))
    made.plan(Ramp(made.time + 2.0, "norepinephrine_rate", 0.3, 0.0, lane=number))
    return made


def test_ramps_of_one_lane_are_those_of_the_patient_alone() -> None:
    rows = start(CASES[0])
    single = changed(engine("ecmo", [rows], 1))
    batch = changed(engine("ecmo", [rows] * 8, 8), 3)
    single.advance(SECONDS)
    batch.advance(SECONDS)
    assert same_bits(np.ascontiguousarray(lane(batch, 3)), single.buffer)
    assert same_bits(np.ascontiguousarray(lane(batch, 2)), alone(CASES[0]))


def test_a_restored_snapshot_goes_on_bit_by_bit() -> None:
    made = changed(engine("ecmo", [start(CASES[0])], 1))
    made.advance(3.0)
    saved = made.snapshot()
    made.advance(5.0)
    first = made.buffer.copy()
    made.restore(saved)
    assert made.time == pytest.approx(3.0)
    made.advance(5.0)
    assert same_bits(made.buffer, first)
    fresh = engine("ecmo", [start(CASES[1])], 1)
    fresh.restore(saved)
    fresh.advance(5.0)
    assert same_bits(fresh.buffer, first)


def with_seeds(**rows: float) -> tuple[Array, Array, Array]:
    """A patient run with seeds 1, 1 and 2: their rows without the state of the random numbers."""
    made = [running("healthy-adult", None, 20.0, dice=seed, **rows) for seed in (2.0, 2.0, 3.0)]
    dice = made[0].kernel.rows["dice"]
    one, again, other = (np.delete(m.buffer, dice) for m in made)
    return one, again, other


def test_a_seed_gives_the_same_bits_again_and_matters_only_in_atrial_fibrillation() -> None:
    one, again, other = with_seeds()
    assert same_bits(one, again)
    assert same_bits(one, other)
    one, again, other = with_seeds(**ATRIAL_FIBRILLATION)
    assert same_bits(one, again)
    assert not same_bits(one, other)
