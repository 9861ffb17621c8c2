"""The engine's integrator against scipy's adaptive solvers on the same equations, what the slow loop sets held still."""

import functools
from collections.abc import Sequence

import numpy as np
import pytest
from bodies import Array, fine_kernel, plain_python, running

from perfuse.engine.groups import columns
from perfuse.engine.kernel import NO_ROWS, NOTHING, bound, mapped, wave_rows
from perfuse.engine.reference import RATES, solve
from perfuse.physiology.blood import gas_of
from perfuse.physiology.circulation import pressures
from perfuse.physiology.circulation_written import Pressures

# a healthy adult's vein lies on the ports at this speed, and what chatters has a bound of its own (test_steps)
PATIENTS = [("healthy-adult", None), ("shock-scai-c", "va"), ("covid-ards", "vv"), ("covid-ards", "vav")]
BEATS = 8
FLOWS = ["mitral_flow", "aortic_valve_flow", "tricuspid_flow", "pulmonary_valve_flow", "arch_flow", "descending_flow", "femoral_flow"]
CIRCUIT_FLOWS = ["pump_flow", "drain1_flow", "return1_flow", "perfusion_flow"]
PLACES = [name for name in Pressures._fields if not name.startswith("septum")]


@functools.cache
def frozen(patient: str, support: str | None) -> tuple[str, Array, float]:
    """A patient whose beats are all of one length, a multiple of 20 ms, and who has come to rest with the slow loop still."""
    made = running(patient, support, 60.0, filtration=0.0)
    period = round(made.get("period")[0] / 0.02) * 0.02
    for row in ("period", "next_period"):
        made.put(row, period)
    made.put("phase", 0.0)
    buffer = made.buffer.copy()
    fine_kernel(made.structure, 20, 1e-3).run_fast(buffer, 20, NOTHING, NO_ROWS, 0)
    engine_beats(made.structure, buffer, period, 1e-3, 30)
    return made.structure, buffer, period


def engine_beats(structure: str, buffer: Array, period: float, dt: float, beats: int = BEATS) -> Array:
    """The engine's own fast loop over some beats: samples [time, row] after every step, rows as `wave_rows` and the circuit's flows."""
    per_slow = round(20e-3 / dt)
    steps = round(period / 0.02) * beats * per_slow
    moving = fine_kernel(structure, per_slow, dt)
    names = [*wave_rows(), *(CIRCUIT_FLOWS if structure == "ecmo" else [])]
    waves = np.empty((steps, len(names), 1))
    moving.run_fast(buffer, steps, waves, np.array([moving.rows[name] for name in names]), 1)
    return waves[:, :, 0]


def solver_beats(structure: str, buffer: Array, period: float, method: str, rtol: float) -> Array:
    """The same samples, every millisecond, by scipy."""
    rows = fine_kernel(structure, 20, 1e-3).rows
    names = [*wave_rows(), *(CIRCUIT_FLOWS if structure == "ecmo" else [])]
    times = np.arange(1, round(period * BEATS / 1e-3) + 1) * 1e-3
    states = solve(structure, buffer, times, method=method, rtol=rtol, atol=1e-2 * rtol)
    table = np.tile([buffer[rows[name]] for name in names], (times.size, 1))
    for i, name in enumerate(RATES[structure][1]):
        if name in names:
            table[:, names.index(name)] = states[:, i]
    phase = buffer[rows["phase"]] + times / period
    table[:, names.index("phase")] = phase - np.floor(phase + 1e-9)
    return table


def means(structure: str, samples: Array) -> Array:
    """Mean pressure of every place and mean flow of every valve and line."""
    found = mapped(pressures)(samples[:, : len(wave_rows())].T)
    body = samples[:, [wave_rows().index(name) for name in FLOWS]]
    circuit = samples[:, len(wave_rows()) :]
    shown = found[[Pressures._fields.index(name) for name in PLACES]].T
    return np.hstack([shown, body, circuit]).mean(axis=0)


LEAST = np.array([5.0] * len(PLACES) + [20.0] * (len(FLOWS) + len(CIRCUIT_FLOWS)))


def apart(one: Array, other: Array) -> Array:
    """Relative difference. What lies near zero is compared with 5 mmHg, a pressure in the chest, or 20 mL/s, a quarter of resting output:
    along the aorta of a patient on VA-ECMO the heart's flow and the circuit's nearly cancel."""
    return np.abs(one - other) / np.maximum(np.abs(other), LEAST[: len(other)])


@pytest.mark.parametrize(("patient", "support"), PATIENTS)
@pytest.mark.parametrize(("method", "rtol"), [("LSODA", 1e-8), ("Radau", 1e-6)])
def test_beat_means_agree_with_an_adaptive_solver(patient: str, support: str | None, method: str, rtol: float) -> None:
    structure, buffer, period = frozen(patient, support)
    exact = means(structure, solver_beats(structure, buffer, period, method, rtol))
    ours = means(structure, engine_beats(structure, buffer.copy(), period, 1e-3))
    worst = np.argmax(apart(ours, exact))
    assert apart(ours, exact).max() < 0.005, (worst, ours[worst], exact[worst])


def errors(steps: Sequence[float]) -> list[float]:
    structure, buffer, period = frozen("shock-scai-c", "va")
    exact = means(structure, solver_beats(structure, buffer, period, "LSODA", 1e-9))
    return [float(apart(means(structure, engine_beats(structure, buffer.copy(), period, dt)), exact).mean()) for dt in steps]


def test_the_error_falls_with_the_first_power_of_the_step() -> None:
    coarse, whole, half = errors([2e-3, 1e-3, 5e-4])
    assert 1.5 < coarse / whole < 3.0
    assert 1.5 < whole / half < 3.0


@pytest.mark.parametrize(("patient", "support"), PATIENTS[:2])
def test_the_right_hand_side_has_the_same_bits_in_plain_python(patient: str, support: str | None) -> None:
    made = running(patient, support, 10.0)
    equation, _ = RATES[made.structure]
    _, *names = columns(equation)[0]
    held = np.array([np.arange(5) * 0.13, *(np.full(5, made.get(name)[0]) for name in names)])
    built = mapped(equation)(held)
    with plain_python():
        assert mapped(equation)(held).tobytes() == built.tobytes()
    assert built.tobytes() == np.hstack([mapped(equation)(held[:, i : i + 1]) for i in range(5)]).tobytes()


def test_tables_of_other_shapes_are_refused() -> None:
    for given, out in ((3, 4), (5, 3)):
        with pytest.raises(ValueError, match="gas_of works from 5 columns into 4"):
            bound(gas_of, np.zeros((given, 2)), np.zeros((out, 2)))
    with pytest.raises(ValueError, match="whole arrays"):
        bound(gas_of, np.zeros((5, 2)), np.zeros((4, 4))[:, ::2])
