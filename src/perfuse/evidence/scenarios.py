"""`perfuse validate --scenarios FILE`: scenarios are fitted to their patients, played, and their signs compared.

A patient block is bedside measurements: a patient is fitted to it, runs undisturbed until the event, and each stated base is compared
with what was reached. A base that misses by more than 10 % (or 2 mmHg) refuses the scenario. Otherwise the events are played and every
sign (direction, band at t) and every quantity that must stay is checked. Results have ids such as `VV-04-RECIRC:spo2_rh`.
"""

from collections.abc import Mapping, Sequence
from math import exp, inf, isnan, log, nan
from pathlib import Path
from typing import Any

from perfuse.evidence import records
from perfuse.evidence.effects import entry_of, protocol
from perfuse.evidence.prose import Effect
from perfuse.evidence.readings import Arm, ReadingError, finished
from perfuse.evidence.scenario_devices import devices, number, sides
from perfuse.evidence.scenario_files import Scenario, Sign, names, read_scenarios
from perfuse.evidence.scenario_patient import bedside, flat, ventilator
from perfuse.evidence.scenario_play import SETTLE, Play, understood
from perfuse.evidence.signs import Reader
from perfuse.evidence.simulator import Playable, Progress, Simulator, Wanted, engine
from perfuse.parameters.units import read as read_unit
from perfuse.results.device_numerics import QUANTITIES as DEVICE_QUANTITIES
from perfuse.results.numerics import CIRCUIT_QUANTITIES

STILL = 60.0
"""s after the end of a change before what it brought about is read. Source: assumed."""
SEARCH_ROUNDS, SEARCH_WIDTH = 2, 8
"""How often a range is closed in on when one reading is brought to a stated value, and by how many runs side by side."""


def play_file(path: Path | str, progress: Progress | None = None, *, simulator: Simulator | None = None) -> list[dict[str, Any]]:
    """Play every scenario of a file; seldom needed: `simulator` runs the cases (the engine, unless given)."""
    found = read_scenarios(Path(path))
    runner = simulator or engine()
    reader = Reader(names()["quantities"])
    readable = [understood(item, found.patients[item.patient]) for item in found.scenarios if isinstance(item, Scenario)]
    plays = {play.scenario.id: play for play in readable}
    shared = shared_readings(readable, reader)
    fits: dict[str, Playable] = {}
    results: list[dict[str, Any]] = []
    for done, item in enumerate(found.scenarios):
        if progress is not None:
            progress(done, len(found.scenarios), item.id)
        wide = loose(readable, key_of(plays[item.id]), reader) if isinstance(item, Scenario) else frozenset()
        results += perform(plays[item.id], runner, reader, shared, fits, wide) if isinstance(item, Scenario) else [records.unread(item)]
    if progress is not None:
        progress(len(found.scenarios), len(found.scenarios), "")
    return results


def shared_readings(plays: list[Play], reader: Reader) -> dict[str, dict[str, float]]:
    """Readings by patient block: the same patient means the same fit. The first to state a base is believed."""
    found: dict[str, dict[str, float]] = {}
    for play in plays:
        if not play.problem:
            known = found.setdefault(key_of(play), {})
            found[key_of(play)] = targets(play.scenario, play.block, reader) | known
    return found


def key_of(play: Play) -> str:
    """The same for scenarios whose patient and circuit are the same before the event."""
    return f"{play.block!r} {play.given!r} {play.stated!r} {play.running!r} {play.lesions!r}"


def targets(scenario: Scenario, block: Mapping[str, Any], reader: Reader) -> dict[str, float]:
    """Readings that the fitted patient and circuit should show, under reported names: the block's own and the signs' bases."""
    known = bases(scenario, block, reader)
    return {name: reader.as_reported(quantity, value) for quantity, value in known.items() if (name := reader.reported(quantity))}


def bases(scenario: Scenario, block: Mapping[str, Any], reader: Reader) -> dict[str, float]:
    """Every value before the event that the scenario states; a sign's own base (that of the earliest) comes before the patient block.

    A sign at 0 s tells the state in which the scenario begins; what it calls the base is only what is usual.
    """
    known = {key: value for key, stated in flat(block).items() if key in reader.table and (value := number(stated)) is not None}
    if "co_native" in known and sides(devices(block, scenario.mode, names()["devices"])) & {"left"}:
        known["co_systemic"] = known.pop("co_native")  # at the bedside output is measured where it passes the lungs
    stated = [sign for sign in scenario.signs if sign.base is not None and sign.t > 0.0]
    known |= {sign.seen: sign.base for sign in sorted(stated, key=lambda sign: -sign.t) if sign.base is not None}
    return {quantity: value for quantity, value in known.items() if reader.absent(quantity) is None}


def judged(scenario: Scenario) -> set[str]:
    """Quantities that a later sign or a stay is about: their bases must be reached."""
    return {sign.seen for sign in scenario.signs if sign.t > 0.0} | {stay.q for stay in scenario.stays}


def loose(plays: Sequence[Play], key: str, reader: Reader) -> frozenset[str]:
    """Readings of one fit that no scenario is judged by."""
    same = [play for play in plays if not play.problem and key_of(play) == key]
    found = {reader.reported(quantity) for play in same for quantity in judged(play.scenario)}
    found |= {reader.reported(sign.seen) for play in same for sign in play.scenario.signs}
    return frozenset({name for play in same for name in targets(play.scenario, play.block, reader)} - found)


def perform(
    play: Play,
    simulator: Simulator,
    reader: Reader,
    shared: Mapping[str, dict[str, float]],
    fits: dict[str, Playable],
    wide: frozenset[str] = frozenset(),
) -> list[dict[str, Any]]:
    """The records of one scenario; `fits` keeps the patients that were fitted already."""
    if play.problem:
        return records.beyond(play.scenario, reader, play.problem)
    try:
        key = key_of(play)
        if key not in fits:
            start = play.block
            stated = play.stated if play.given is not None else {}
            form = bedside(start, names()["bedside"])
            wanted = Wanted(form, ventilator(start), play.given, shared[key], {**stated, **play.lesions}, play.running, wide)
            fits[key] = simulator.personalise(wanted)
        play.fitted = fits[key]
    except Exception as problem:  # one patient that cannot be fitted hides no other
        return records.refused(play.scenario, reader, f"{type(problem).__name__}: {problem}")
    end = SETTLE + play.clock * max(sign.t for sign in play.scenario.signs)
    try:
        before = first_run(simulator, play.case([], SETTLE + 1.0 if play.begins else SETTLE, windows(play, reader, base_only=True)))
        reached, missed = reach(play, before, reader)
        fit = records.base(play.scenario, reached, missed)
        if missed:
            return [fit, *records.refused(play.scenario, reader, "a base was missed: " + "; ".join(missed))]
        arm = first_run(simulator, play.case(events(play, simulator, end), end, windows(play, reader)))
    except Exception as problem:  # one scenario that stops hides no other
        return records.failed(play.scenario, reader, f"{type(problem).__name__}: {problem}")
    times = [SETTLE + play.clock * sign.t for sign in play.scenario.signs]
    known = bases(play.scenario, play.block, reader)
    placed = [counted(play, sign, known, reader) for sign in play.scenario.signs]
    signs = [records.sign(play.scenario, sign, arm, at, SETTLE, reader) for sign, at in zip(placed, times, strict=True)]
    stays = [records.stay(play.scenario, stay, arm, sorted(set(times)), SETTLE, reader) for stay in play.scenario.stays]
    return [fit, *signs, *stays]


def counted(play: Play, sign: Sign, known: Mapping[str, float], reader: Reader) -> Sign:
    """The sign with where its direction counts from: the stated base of a sign at 0 s, of one that goes on from a later state than the
    patient's own, and of support that has not begun before the event."""
    other = sign.base is not None and (sign.t == 0.0 or sign.base != known.get(sign.seen, sign.base))
    begun = play.begins and reader.reported(sign.seen) in CIRCUIT_QUANTITIES | DEVICE_QUANTITIES
    return sign.model_copy(update={"from_base": other or begun})


def first_run(simulator: Simulator, case: Mapping[str, Any]) -> Arm:
    """One case, run."""
    run = simulator.runs([case])[0]
    if isinstance(run, Exception):
        raise run
    return Arm(finished(run), {})


def windows(play: Play, reader: Reader, *, base_only: bool = False) -> list[dict[str, str]]:
    """The stretches whose waveforms the signs need."""
    found: dict[float, float] = {}
    for sign in play.scenario.signs:
        length = reader.wave(sign.seen)
        if length is not None:
            for at in [SETTLE] if base_only else [SETTLE, SETTLE + play.clock * sign.t]:
                found[at] = max(length, found.get(at, 0.0))
    return [{"from": f"{at - length:g} s", "for": f"{length:g} s"} for at, length in sorted(found.items())]


def reach(play: Play, arm: Arm, reader: Reader) -> tuple[list[str], list[str]]:
    """Each stated value with what was reached, in words, and the bases that miss: those of quantities that a sign or a stay is about."""
    reached, missed = [], []
    asked = judged(play.scenario)
    for quantity, base in bases(play.scenario, play.block, reader).items():
        if play.begins and reader.reported(quantity) in CIRCUIT_QUANTITIES | DEVICE_QUANTITIES:
            continue  # support that has not begun shows nothing
        try:
            value = reader.value(quantity, arm, SETTLE, SETTLE)
        except ReadingError as problem:
            if base == 0.0 or quantity not in asked:
                continue  # nothing is measured yet and nothing is stated, or nothing depends on it
            missed.append(f"{quantity} has no reading ({problem})")
            continue
        words = f"{quantity} {value:.4g} ({base:g} {reader.unit(quantity)})"
        reached.append(words)
        if quantity in asked and reader.misses(quantity, base, value):
            missed.append(words)
    return reached, missed


def events(play: Play, simulator: Simulator, end: float) -> list[dict[str, Any]]:
    """The protocol of the scenario's events, in simulated time; what is a result of the patient is searched for."""
    table = names()["effects"]
    known = [{**entry, "at": f"{SETTLE + play.clock * float(entry['at']):g} s"} for entry in play.entries]
    searched = []
    for at, effect in play.effects:
        if not effect.what.startswith("fault:") and "solve" in entry_of(effect.what, table):
            searched.append((SETTLE + play.clock * at, effect))
        else:
            known += protocol(effect, SETTLE + play.clock * at, table, lambda control: play.own(control, simulator), play.on_device())
    for at, effect in searched:
        known.append(search(play, simulator, known, at, effect))
    return [entry for entry in known if read_unit(entry["at"], "s") < end]


def search(play: Play, simulator: Simulator, known: list[dict[str, Any]], at: float, effect: Effect) -> dict[str, Any]:
    """The entry that brings a reading to the stated value: a factor on a control, tried side by side and closed in on."""
    entry = names()["effects"][effect.what]
    own = play.own(str(entry["solve"]), simulator)
    read_at = at + max(read_unit(entry["after"], "s"), effect.over + STILL)
    reader = Reader({"it": {"read": entry["read"]}})

    def made(factor: float) -> dict[str, Any]:
        over = {"over": f"{effect.over:g} s"} if effect.over else {}
        return {"at": f"{at:g} s", "set": {str(entry["solve"]): own * factor}, **over}

    def reading(run: Any) -> float:
        try:
            if isinstance(run, Exception):
                raise run
            return reader.value("it", Arm(finished(run), {}), read_at, SETTLE)
        except (RuntimeError, ReadingError):  # a try at the edge of what a patient survives is no answer
            return nan

    low, high = log(float(entry["low"])), log(float(entry["high"]))
    for _ in range(SEARCH_ROUNDS):
        points = [low + (high - low) * i / (SEARCH_WIDTH - 1) for i in range(SEARCH_WIDTH)]
        cases = [play.case([e for e in [*known, made(exp(x))] if read_unit(e["at"], "s") < read_at], read_at, []) for x in points]
        values = [reading(run) for run in simulator.runs(cases)]
        pairs = list(zip(points, points[1:], values, values[1:], strict=False))
        crossed = [pair for pair in pairs if min(pair[2:]) <= effect.value <= max(pair[2:])]
        if not crossed and all(isnan(value) for value in values):
            raise RuntimeError(f"no run with another {entry['solve']} reached {read_at:g} s")
        if not crossed:
            nearest = min(zip(values, points, strict=True), key=lambda pair: inf if isnan(pair[0]) else abs(pair[0] - effect.value))
            raise RuntimeError(f"{effect.what} of {effect.value:g} cannot be reached by {entry['solve']}: nearest {nearest[0]:.4g}")
        low, high, first, last = crossed[0]
    return made(exp(low + (high - low) * (effect.value - first) / (last - first)))
