"""The same bits everywhere: one patient, lanes, plain Python, any batch, any cut of the run, any replay, and those of the last version."""

import functools
import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from bodies import Array, fine_kernel, move, opened, plain_python, running, structure_with

from perfuse.engine.kernel import NO_ROWS, NOTHING, kernel, wave_rows
from perfuse.engine.layout import SPECIALISED
from perfuse.engine.run import Engine, Ramp, engine
from perfuse.engine.stages import parts_in
from perfuse.parameters.library import case_names, load_case
from perfuse.results.course import patient_values
from perfuse.results.simulate import structure_of

SHIPPED: dict[str, list[str]] = {}
"""Shipped cases of each structure."""
for _name in case_names():
    SHIPPED.setdefault(structure_of(load_case(_name)), []).append(_name)
CASES = SHIPPED["ecmo"]
OTHERS = [cases[0] for structure, cases in SHIPPED.items() if structure != "ecmo"]
STRUCTURES = [*SHIPPED, structure_with("ecpella and balloon")]
REFEREES = [
    "artificial-heart", "balloon-timing", "bivad", "compare-shock", "impella-position", "rv-failure-impella-rp", "va-pump-stop",
    "va-unloading",
]  # fmt: skip
"""A shipped case of each structure."""
SECONDS = 10.0
ATRIAL_FIBRILLATION = {"rhythm": 1.0, "irregularity": 0.2}


@functools.cache
def start(case: str) -> Mapping[str, float]:
    """A shipped case ten seconds after its machines were started, as rows by name."""
    found = load_case(case)
    rows = opened(patient_values(found.patient)[0], found) | {"dice": float(1 + found.seed)}
    made = engine(structure_of(found), [rows], 1)
    made.advance(10.0)
    return made.values()


@functools.cache
def alone(case: str) -> Array:
    """The same case a while later, moved by the kernel of one patient."""
    made = engine(structure_of(load_case(case)), [start(case)], 1)
    made.advance(SECONDS)
    assert made.healthy().all()
    return made.buffer


def lane(made: Engine, number: int) -> Array:
    return np.ascontiguousarray(made.buffer.reshape(-1, made.lanes)[:, number])


def same_bits(one: Array, other: Array) -> bool:
    return np.asarray(one).tobytes() == np.asarray(other).tobytes()


# -- plain Python is the oracle of what is built ---------------------------------------------------------------------------


@pytest.mark.parametrize("case", [*CASES, *OTHERS])
def test_plain_python_gives_the_bits_of_the_built_kernel(case: str) -> None:
    made = engine(structure_of(load_case(case)), [start(case)], 1)
    with plain_python():
        made.advance(SECONDS)
    assert same_bits(made.buffer, alone(case))


@pytest.mark.parametrize("support", ["ecpella and balloon", "chambers"])
def test_devices_give_the_same_bits_in_plain_python(support: str) -> None:
    begin = running("dilated-heart-failure", support, 10.0)
    again = engine(begin.structure, [begin.values()], 1)
    begin.advance(1.0)
    with plain_python():
        again.advance(1.0)
    assert same_bits(again.buffer, begin.buffer)


@pytest.mark.parametrize("lanes", [1, 3, 8])
@pytest.mark.parametrize("structure", SHIPPED)
def test_plain_python_gives_the_bits_of_lanes_and_of_what_they_record(structure: str, lanes: int) -> None:
    rows = [own(structure, number) for number in range(lanes)]
    built, plain = engine(structure, rows), engine(structure, rows)
    recorded = built.advance(0.4, ["beat_map", "arch_o2"], 0.1, wave_rows=wave_rows(), wave_every=7)
    with plain_python():
        again = plain.advance(0.4, ["beat_map", "arch_o2"], 0.1, wave_rows=wave_rows(), wave_every=7)
    assert same_bits(plain.buffer, built.buffer)
    assert [one.shape for one in recorded] == [(4, 2, lanes), (57, len(wave_rows()), lanes)]
    assert all(same_bits(one, other) for one, other in zip(recorded, again, strict=True))


@pytest.mark.parametrize(("fast_per_slow", "dt"), [(40, 5e-4), (7, 1e-3), (1, 2e-3)])
def test_any_length_and_number_of_steps_gives_the_same_bits_in_plain_python(fast_per_slow: int, dt: float) -> None:
    moving = fine_kernel("ecmo", fast_per_slow, dt)
    buffers = [engine("ecmo", [start(CASES[0])], 1).buffer for _ in range(2)]
    steps = round(1.0 / (fast_per_slow * dt))
    move(moving, buffers[0], steps)
    with plain_python():
        move(moving, buffers[1], steps)
    assert same_bits(*buffers)
    usual = engine("ecmo", [start(CASES[0])], 1).buffer
    move(kernel("ecmo", 1), usual, steps)
    assert not same_bits(usual, buffers[0])


@pytest.mark.parametrize("lanes", [1, 2])
def test_the_fast_loop_alone_gives_the_same_bits_in_plain_python(lanes: int) -> None:
    moving = kernel("ecmo", lanes)
    rows = np.array([moving.rows[name] for name in wave_rows()])
    buffers = [engine("ecmo", [start(case) for case in CASES[:lanes]]).buffer for _ in range(2)]
    waves = [np.empty((10, len(rows), lanes)) for _ in range(2)]
    moving.run_fast(buffers[0], 50, waves[0], rows, 5)
    moving.run_fast(buffers[0], 3, NOTHING, NO_ROWS, 0)
    with plain_python():
        moving.run_fast(buffers[1], 50, waves[1], rows, 5)
        moving.run_fast(buffers[1], 3, NOTHING, NO_ROWS, 0)
    assert same_bits(*buffers)
    assert same_bits(*waves)


# -- lanes -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lanes", [1, 2, 3, 5, 8, 16])
def test_lanes_of_different_patients_give_each_the_bits_he_has_alone(lanes: int) -> None:
    order = [CASES[i % len(CASES)] for i in range(lanes)]
    made = engine("ecmo", [start(case) for case in order], lanes)
    made.advance(SECONDS)
    assert [case for i, case in enumerate(order) if not same_bits(lane(made, i), alone(case))] == []


def own(structure: str, number: int) -> Mapping[str, float]:
    """Patients of a structure, each with a heart of his own."""
    cases = SHIPPED.get(structure)
    rows = start(cases[number % len(cases)]) if cases else not_shipped()
    return {**rows, "lv_contractility": rows["lv_contractility"] * (1.0 - 0.03 * number)}


@functools.cache
def not_shipped() -> Mapping[str, float]:
    return running("dilated-heart-failure", "ecpella and balloon", 10.0).values()


@functools.cache
def own_alone(structure: str, number: int) -> Array:
    """One of these patients two seconds later, alone."""
    made = engine(structure, [own(structure, number)])
    made.advance(2.0)
    return made.buffer


@pytest.mark.parametrize("structure", STRUCTURES)
def test_any_number_of_lanes_gives_each_patient_the_bits_he_has_alone_whatever_he_is_joined_to(structure: str) -> None:
    for lanes in (1, 2, 3, 5, 8, 16):
        made = engine(structure, [own(structure, number) for number in range(lanes)])
        made.advance(2.0)
        assert [number for number in range(lanes) if not same_bits(lane(made, number), own_alone(structure, number))] == [], lanes
    assert not same_bits(own_alone(structure, 0), own_alone(structure, 1))


def test_among_these_are_structures_with_a_fast_step_of_their_own_and_structures_that_share_one() -> None:
    assert {parts_in(structure) in SPECIALISED for structure in STRUCTURES} == {True, False}


@pytest.mark.parametrize("engine_word", ["built", "plain"])
def test_a_buffer_of_another_size_is_refused(engine_word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFUSE_ENGINE", engine_word)
    moving = kernel("ecmo", 2)
    for buffer in (np.zeros(moving.size), np.zeros(2 * moving.size + 1), np.zeros(4 * moving.size)[::2]):
        with pytest.raises(ValueError, match=f"{moving.size} rows and 2 lanes"):
            move(moving, buffer, 1)
        with pytest.raises(ValueError, match=f"{moving.size} rows and 2 lanes"):
            moving.run_fast(buffer, 1, NOTHING, NO_ROWS, 1)


# -- the bits of the last version ------------------------------------------------------------------------------------------


@functools.cache
def referee() -> ModuleType:
    """tools/bits.py, which plays all shipped cases (`make bits`)."""
    found = importlib.util.spec_from_file_location("bits", Path(__file__).parents[2] / "tools" / "bits.py")
    assert found is not None and found.loader is not None
    made = importlib.util.module_from_spec(found)
    found.loader.exec_module(made)
    return made


@pytest.mark.parametrize("case", REFEREES)
def test_no_bit_of_a_shipped_case_has_moved_unsaid(case: str) -> None:
    kept = json.loads(referee().KEPT.read_text(encoding="utf-8"))
    assert referee().played(case) == kept[case], "where that is meant: tools/bits.py --write, and a sentence in CHANGELOG.md"


def test_the_bits_of_every_shipped_case_are_kept_and_one_of_each_structure_is_played_here() -> None:
    assert sorted(json.loads(referee().KEPT.read_text(encoding="utf-8"))) == case_names()
    assert {structure_of(load_case(case)) for case in REFEREES} == set(SHIPPED)


# -- cuts, ramps, snapshots, seeds -----------------------------------------------------------------------------------------


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
    assert same_bits(lane(batch, 3), single.buffer)
    assert same_bits(lane(batch, 2), alone(CASES[0]))


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
