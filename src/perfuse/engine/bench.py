"""Speed, measured here and now: one patient, a cohort, and the same equations by scipy's general solver, side by side."""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from perfuse.devices.circuit import Circuit
from perfuse.devices.circuit_blood import CircuitContent
from perfuse.devices.gas_path import CELLS
from perfuse.engine.build import circuit_rows, first_circuit, first_state, patient_rows
from perfuse.engine.build_devices import device_rows, first_device, parts_of
from perfuse.engine.compiler import KernelError, levels_here
from perfuse.engine.kernel import DT, LANES
from perfuse.engine.library import build_into
from perfuse.engine.reference import solve
from perfuse.engine.run import Engine, engine
from perfuse.engine.stages import structure
from perfuse.parameters.circuits import device, vv_ecmo
from perfuse.parameters.from_python import case_of
from perfuse.parameters.library import load_patient
from perfuse.physiology.circulation_written import Circulation, Supply
from perfuse.physiology.contents import PLACES, SPECIES
from perfuse.physiology.drugs import DrugLevels
from perfuse.physiology.haemostasis import Amounts
from perfuse.physiology.lungs import AlveolarGas
from perfuse.physiology.reflexes import Baroreceptor, Nerves
from perfuse.physiology.self_regulation import OrganFlows, Tones

COHORT = 1024
ONE_SECONDS, COHORT_SECONDS, SOLVER_SECONDS = 120.0, 10.0, 5.0
TRIES = 20  # short ones, of which the best counts: others may be using the machine
FIRST = """
import time
began = time.perf_counter()
from perfuse.engine.bench import one_patient
made = one_patient()
made.advance(1.0)
print(time.perf_counter() - began)
"""
START = """
import resource, sys
from perfuse.views import cli
from perfuse.parameters.case import load_case
from perfuse.results.simulate import run_case
run_case(load_case(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
CASE = """
schema: perfuse-case/1
title: A minute on VV-ECMO
patient: covid-ards
support:
  mode: vv
  drain: [{cannula: hls_pvl_2555, site: ivc}]
  return: [{cannula: nextgen_jug_21, site: ra, tip_distance: 10 cm}]
  pump: {model: rotaflow, rpm: 3400 rpm}
  lung: {model: quadrox_id}
  gas: {sweep: 5 L/min, fdo2: 1.0}
  start: 30 s
duration: 1 min
"""

NOTES = {
    "one patient": f"complete model on VV-ECMO, trends at 1 Hz, {ONE_SECONDS:.0f} s, best of {TRIES}",
    "cohort": f"{COHORT} different patients on VV-ECMO, {LANES} lanes, float64, trends at 1 Hz, best of 3; all cores by threads",
    "heaviest": "the same with a catheter pump on either side and a balloon, measured in turn with the circuit alone",
    "solve_ivp": "LSODA, rtol 1e-6, atol 1e-8, built right-hand side of the fast equations alone, all else held still: less work",
    "kernel build": "write the kernel in C++ and compile it, once for all structures; not measured where there is no compiler",
    "first second": "a fresh process: import the engine, load the built kernel, play one second",
    "warm start": "a fresh process: import the command line, load the kernel, settle (7 min), play a minute; no report written",
    "peak memory": "of that process",
}


def states() -> int:
    """Quantities that are integrated in time for a patient on ECMO: fast, carried by blood, lungs, nerves, drugs, chemistry, pump."""
    fast = len(Circulation._fields) + len(Circuit._fields) + 2  # and the phases of the beat and of compressions
    carried = len(SPECIES) * (len(PLACES) + len(CircuitContent._fields) + CELLS)
    lungs = len(AlveolarGas._fields) + 3 + 2  # breath, volume, mean pressure; water, vasoconstriction
    body = sum(len(one._fields) for one in (Baroreceptor, Nerves, DrugLevels, OrganFlows, Tones, Supply)) + 3  # lactate, base, slow CO2
    blood = len(Amounts._fields) + 1 + 4  # bivalirudin; hazard and clot of the pump and the membrane lung
    return fast + carried + lungs + body + blood + 1  # pump speed


def _rows() -> dict[str, float]:
    support = case_of("covid-ards", vv_ecmo(rpm=3400, sweep=4, fdo2=1.0), seconds=60.0).support
    rows = patient_rows({name: quantity.value for name, quantity in load_patient("covid-ards").parameters.items()})
    return rows | first_state(rows) | first_circuit() | circuit_rows(support) | {"flow_target": 0.0}


def one_patient() -> Engine:
    """One patient on ECMO, pump on from the start."""
    return engine("ecmo", [_rows()], 1)


def heaviest() -> Engine:
    """The same patient with the most machines that make sense together: circuit, a catheter pump on either side, a balloon."""
    devices = [device("impella_cp", level=6), device("impella_rp", level=6), device("iabp_40")]
    rows = _rows()
    for choice in devices:
        rows |= device_rows(choice) | first_device(choice, rows, running=True)
    return engine(structure(True, parts_of(devices)), [rows], 1)


def cohort(size: int = COHORT) -> list[Engine]:
    """`size` different patients on ECMO in engines of LANES lanes: hearts, vessels, lungs, metabolism and pump speeds differ."""
    draw = np.random.default_rng(1)
    first = _rows()
    spread = {"lv_contractility": 0.3, "svr": 0.2, "pvr": 0.2, "shunt": 0.2, "vo2": 0.15, "lung_compliance": 0.2, "pump_set": 0.1}
    columns: list[Mapping[str, float]] = []
    for _ in range(size):
        columns.append(first | {row: first[row] * float(draw.uniform(1.0 - part, 1.0 + part)) for row, part in spread.items()})
    return [engine("ecmo", columns[i : i + LANES], LANES) for i in range(0, size, LANES)]


def trend_rows(made: Engine) -> list[str]:
    """Rows recorded once a second: beats, gases of every place, console; about as many as a report needs."""
    ends = tuple(f"_{kind}" for kind in SPECIES)
    return [
        name for name in made.kernel.rows if name.startswith(("beat_", "flow_", "p_")) or (name.endswith(ends) and name[0] in "abflprd")
    ]


def _best(job: Callable[[], Any], tries: int = TRIES) -> float:
    """Shortest of some tries, s."""
    found = []
    for _ in range(tries):
        began = time.perf_counter()
        job()
        found.append(time.perf_counter() - began)
    return min(found)


def _child(code: str, *arguments: str) -> tuple[float, float]:
    """Wall time of a fresh Python that runs `code`, and the number that it prints."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return time.perf_counter() - began, float(done.stdout.splitlines()[-1])


def machine() -> str:
    """Name of the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _build() -> float | None:
    """Time in which the kernel is written and compiled, s; None without a compiler."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        try:
            build_into(Path(folder), levels_here()[0])
        except KernelError:
            return None
        return time.perf_counter() - began


def _starts() -> tuple[float, float, float]:
    """First second, warm start and peak memory of a short run, each in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case.yaml"
        case.write_text(CASE, encoding="utf-8")
        first = min(_child(FIRST)[1] for _ in range(3))
        found = [_child(START, str(case)) for _ in range(4)][1:]
    return first, min(seconds for seconds, _ in found), max(size for _, size in found)


def bench(progress: Callable[[float, float], None] | None = None) -> dict[str, Any]:
    """Measure everything in one go, about a minute; `progress(done, of)`."""
    tell = progress or (lambda done, of: None)
    tell(0.0, 6.0)
    one = one_patient()
    names = trend_rows(one)
    one.advance(60.0)
    single = ONE_SECONDS / _best(lambda: one.advance(ONE_SECONDS, names))
    most = heaviest()
    most.advance(60.0)
    pair = [(_best(lambda: one.advance(30.0, names), 1), _best(lambda: most.advance(30.0, names), 1)) for _ in range(TRIES)]
    ecmo_alone, with_all = min(first for first, _ in pair), min(second for _, second in pair)  # in turn, so that both meet the same machine
    tell(1.0, 6.0)

    solve("ecmo", one.buffer, np.array([0.1]))
    taken = _best(lambda: solve("ecmo", one.buffer, np.arange(1.0, SOLVER_SECONDS + 1.0), max_step=np.inf), 4)
    tell(2.0, 6.0)

    kernel_build = _build()
    tell(3.0, 6.0)
    first_second, warm_start, memory = _starts()
    tell(4.0, 6.0)

    everyone = cohort()
    for made in everyone:
        made.advance(1.0)

    def in_turn() -> None:
        for made in everyone:
            made.advance(COHORT_SECONDS, names)

    def at_once() -> None:
        with ThreadPoolExecutor(cores()) as pool:
            list(pool.map(lambda made: made.advance(COHORT_SECONDS, names), everyone))

    per_core = COHORT * COHORT_SECONDS / _best(in_turn, 3)
    tell(5.0, 6.0)
    together = COHORT * COHORT_SECONDS / _best(at_once, 3)
    diverged = COHORT - sum(int(made.healthy().sum()) for made in everyone)
    tell(6.0, 6.0)
    return {
        "states": states(),
        "one_patient_x_realtime": single,
        "heaviest_x_realtime": 30.0 / with_all,
        "heaviest_time_over_ecmo": with_all / ecmo_alone,
        "cohort_patient_seconds_per_second_per_core": per_core,
        "cohort_patient_seconds_per_second_all_cores": together,
        "ns_per_step_one": DT / single * 1e9,
        "ns_per_step_lane": DT / per_core * 1e9,
        "solve_ivp_x_realtime": SOLVER_SECONDS / taken,
        "ratio_to_solve_ivp": single * taken / SOLVER_SECONDS,
        "kernel_build_s": kernel_build,
        "first_second_s": first_second,
        "warm_start_s": warm_start,
        "peak_memory_mb": memory,
        "cohort_peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cohort_patients": COHORT,
        "cohort_diverged": diverged,
        "cores": cores(),
        "machine": machine(),
        "notes": NOTES | {"trends": f"{len(names)} rows recorded once a second"},
    }
