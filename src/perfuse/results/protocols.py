"""Playing a trial: a case, then the steps of a protocol, each read at its end. What was passed stops it; nothing is extrapolated."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from perfuse.parameters import case_checks
from perfuse.parameters.case import case_from
from perfuse.parameters.case_models import Case, Outputs, Step, Window
from perfuse.parameters.device_checks import side_of
from perfuse.parameters.problems import InputError, Problem, Problems
from perfuse.parameters.protocols import Change, Criterion, Protocol, TrialRamp, TrialStep
from perfuse.parameters.tables import controls
from perfuse.results.compared import variant_of
from perfuse.results.course import first_column, protocol_events, settled, support_events
from perfuse.results.numerics import body_surface
from perfuse.results.readings import first_lasting, mean_between
from perfuse.results.run import Run
from perfuse.results.simulate import LANES_ALONE, Progress, play, prepare, structure_of
from perfuse.results.supported import replaced
from perfuse.results.trial import StepRead, Stop, Trial, judge, models_of

LOOP = 3.0  # s of waveforms kept at the end of a step
MACHINES = frozenset(
    [
        "pump",
        "gas",
        "lung",
        "heater",
        "drain",
        "return",
        "distal",
        "drain2",
        "return2",
        "lvad",
        "rvad",
        "impella",
        "impella_rp",
        "balloon",
        "pulsatile",
    ]
)
"""First words of controls that belong to a machine."""
OFF = {
    **{f"{side}.{name}": value for side in ("lvad", "rvad") for name, value in (("power", 0.0), ("clamp", 1.0))},
    "balloon.ratio": 0.0,
    "pulsatile.power": 0.0,
}
"""What takes a device away: no power, and nothing runs through it."""
SIDES = {"lvad": "left", "impella": "left", "rvad": "right", "impella_rp": "right", "balloon": "any", "pulsatile": "any"}
"""Which side of the heart the device of a control stands on."""
Prepared = tuple[dict[str, float], Any, list[dict[str, Any]] | None, Any]


def refuse_unfit(case: Case, protocol: Protocol) -> None:
    """InputError where the case has no machine that the protocol is about."""
    if not protocol.modes and not protocol.models:
        return
    mode = case.support.mode if case.support is not None else ""
    if mode in protocol.modes or any(model in protocol.models for model in models_of(case)):
        return
    wanted = [f"{one.upper()}-ECMO" for one in protocol.modes] + list(protocol.models)
    have = [f"{mode.upper()}-ECMO"] * bool(mode) + models_of(case)
    text = f"'{protocol.name}' is a trial for {' or '.join(wanted)}, and the case has {' and '.join(have) or 'no support'}"
    raise InputError(
        [Problem("support", text, hint="Choose a case with it; 'perfuse trial --list' says what each trial is for.")], case.title
    )


def _alone(case: Case) -> Case:
    """The case's patient without any support, and without the case's protocol, most of which is about it."""
    return variant_of(case.model_copy(update={"protocol": [], "outputs": Outputs()}), "none")[0]


def base_of(case: Case, protocol: Protocol) -> Case:
    """What the trial starts from."""
    if protocol.start == "case":
        return case
    alone = _alone(case)
    if protocol.start == "alone":
        return alone
    words = alone.model_dump(by_alias=True, exclude_none=True) | {"duration": protocol.before + 1.0}
    words["devices"] = [{**(protocol.put or {}), "start": protocol.before}]
    return case_from(words, protocol.title)


def play_protocol(case: Case, protocol: Protocol, *, progress: Progress | None = None, prepared: Prepared | None = None) -> Trial:
    """Play a case and then a protocol. InputError where the case has not what the protocol asks for."""
    refuse_unfit(case, protocol)
    if any(step.off for step in protocol.steps) and replaced(case.devices):
        text = "the ventricles are replaced: nothing native is left that could carry the patient"
        raise InputError([Problem("devices", text, hint="Choose a case whose ventricles are there.")], case.title)
    ready = prepare(case) if prepared is None else prepared
    base = base_of(case, protocol)
    begin = base.duration if protocol.start == "case" else 0.0
    steps = _resolved(base, protocol, ready, begin)
    trial = _played(base, protocol, steps, ready, begin, progress)
    if protocol.against:
        trial.against = _played(_alone(case), protocol, [s for s in steps if not _machines(s)], ready, 0.0, None)
    return trial


def _machines(step: TrialStep) -> bool:
    return step.off or any(change.control.split(".")[0] in MACHINES for change in step.changes)


def _run(case: Case, ready: Prepared, progress: Progress | None = None) -> Run:
    values, library, bedside, _ = ready
    engine = settled([first_column(case, values, case.support)], structure_of(case), LANES_ALONE)
    events = sorted([*support_events(case), *protocol_events(case)], key=lambda event: event.start)
    return play(engine, case, values, library, bedside, events, progress)


def own_setting(case: Case, control: str, values: Mapping[str, float]) -> float | None:
    """What the case has a control at when it ends; None where it does not say."""
    for step in sorted(case.protocol, key=lambda one: one.at, reverse=True):
        if control in step.settings:
            return step.settings[control]
    part, _, name = control.partition(".")
    if control == "gas.sweep" and case.support is not None:
        return case.support.gas.sweep
    for device in case.devices:
        held = getattr(device, name, None)
        if SIDES.get(part) in ("any", side_of(device)) and held is not None:
            return float(held)
    entry = controls()[control]
    return values.get(entry.field) if part in ("drug", "patient") else None


def _resolved(case: Case, protocol: Protocol, ready: Prepared, begin: float) -> list[TrialStep]:
    """The steps with every value absolute."""
    if protocol.ramp is not None:
        return _staircase(case, protocol, protocol.ramp, ready, begin)
    made = []
    for step in protocol.steps:
        changes = [change for change in step.changes if protocol.start != "case" or _has(case, change)]
        fixed = tuple(_fixed(change, case, protocol, ready, begin) for change in changes)
        made.append(TrialStep(step.name, step.hold, step.over, fixed, step.off))
    return made


def _fixed(change: Change, case: Case, protocol: Protocol, ready: Prepared, begin: float) -> Change:
    if change.to is not None and change.least is None and change.most is None:
        return change
    return Change(change.control, to=round(change.value(_setting(change.control, case, protocol, ready, begin)), 3))


def _staircase(case: Case, protocol: Protocol, ramp: TrialRamp, ready: Prepared, begin: float) -> list[TrialStep]:
    model = next((model for model in models_of(case) if model in ramp.stairs), "any")
    stairs = ramp.stairs.get(model)
    if stairs is None:
        raise InputError([Problem("devices", f"'{protocol.name}' has no steps for {', '.join(models_of(case))}")], case.title)
    setting = stairs.last if stairs.first is not None else _setting(ramp.control, case, protocol, ready, begin)
    if stairs.first is None and setting <= stairs.last:
        text = f"{ramp.control} is at {setting:g} when the case ends, and the trial would lower it to {stairs.last:g}"
        raise InputError([Problem("devices", text, hint="Let the case end at a higher setting.")], case.title)
    unit = controls()[ramp.control].unit
    named = "P-{:g}" if ramp.control.endswith(".level") else f"{{:g}} {unit}"
    return [TrialStep(named.format(v), ramp.hold, ramp.over, (Change(ramp.control, to=v),)) for v in stairs.values(setting)]


def _setting(control: str, case: Case, protocol: Protocol, ready: Prepared, begin: float) -> float:
    """What a control is at when the trial begins; the flow of a circuit is the flow that it has, not the flow that it was asked for."""
    if control == "pump.flow":
        columns = _run(case, ready).columns
        return mean_between(columns, begin - protocol.window, begin, 1.0)["ecmo_flow"]
    own = own_setting(case, control, ready[0])
    if own is None and control.split(".")[0] not in MACHINES:
        own = controls()[control].default
    if own is None:
        text = f"the case does not say what {control} is when it ends, and the trial changes it from there"
        raise InputError([Problem("devices", text, hint=f"Set {control} in the case.")], case.title)
    return own


def _has(case: Case, change: Change) -> bool:
    """Whether the case has the machine that a control belongs to."""
    part = change.control.split(".")[0]
    if part not in MACHINES:
        return True
    if part in ("pump", "gas", "lung", "heater", "drain", "return"):
        return case.support is not None
    problems = Problems()
    value = change.to if change.to is not None else controls()[change.control].low
    probe = Step.model_validate({"at": 0.0, "set": {change.control: value}}, context={"bare_times": True})
    case_checks.check_step(case.model_copy(update={"protocol": [probe]}), 0, problems)
    return not problems.found


def settings_off(case: Case) -> dict[str, float]:
    """Controls that take every machine of a case away."""
    found: dict[str, float] = {}
    if case.support is not None:
        found |= {"drain.clamp": 1.0, "return.clamp": 1.0, "pump.power": 0.0}
        found |= {"drain2.clamp": 1.0} if len(case.support.drain) > 1 else {}
        found |= {"return2.clamp": 1.0} if len(case.support.return_) > 1 else {}
        found |= {"distal.clamp": 1.0} if case.support.distal_perfusion is not None else {}
    return found | {name: value for name, value in OFF.items() if _has(case, Change(name, to=value))}


def _played(case: Case, protocol: Protocol, steps: Sequence[TrialStep], ready: Prepared, begin: float, progress: Progress | None) -> Trial:
    first = begin + protocol.before
    starts = [first + sum(step.hold for step in steps[:i]) for i in range(len(steps))]
    settings = [{c.control: float(c.to or 0.0) for c in step.changes} | (settings_off(case) if step.off else {}) for step in steps]
    end = first + sum(step.hold for step in steps)
    whole = _stepped(case, steps, starts, settings, end)
    run = _run(whole, ready, progress)
    stop = _stop(run, protocol, steps, starts, first)
    if stop is not None:  # what would have come later is not played: the run ends where the trial did
        run = _run(_stepped(case, steps, starts, settings, stop.at), ready)
    sound = run.status["ok"]
    reached = (end if stop is None else stop.at) if sound else float(run.columns["t"][-1]) if run.columns["t"].size else 0.0
    surface = body_surface(ready[0]["weight"], ready[0]["height"])
    reads = [StepRead("before", begin, first, {}, mean_between(run.columns, first - protocol.window, first, surface))]
    skipped = []
    for step, at, held in zip(steps, starts, settings, strict=True):
        if at >= reached:
            skipped.append(step.name)
            continue
        until = min(at + step.hold, reached)
        ended = until >= at + step.hold - 1e-6
        read = mean_between(run.columns, max(until - protocol.window, at), until, surface) if ended or sound else {}
        reads.append(StepRead(step.name, at, until, held, read, ended))
    trial = Trial(protocol, case, run, begin, reads, skipped, [], stop, drugs_of(case, ready[0]))
    trial.findings = [judge(one, trial) for one in protocol.criteria]
    return trial


def _stepped(case: Case, steps: Sequence[TrialStep], starts: Sequence[float], settings: Sequence[Mapping[str, float]], end: float) -> Case:
    """The case with the trial's steps behind its own, as far as `end`."""
    added = [
        Step.model_validate({"at": at, "over": min(step.over, step.hold), "set": dict(held)}, context={"bare_times": True})
        for step, at, held in zip(steps, starts, settings, strict=True)
        if held and at < end
    ]
    stops = [*starts, starts[-1] + steps[-1].hold]
    windows = [
        Window.model_validate({"from": t - LOOP, "for": LOOP}, context={"bare_times": True})
        for t in sorted({*stops, end})
        if LOOP < t <= end
    ]
    outputs = case.outputs.model_copy(update={"waveforms": windows})
    found = case.model_copy(update={"protocol": [*case.protocol, *added], "duration": end, "outputs": outputs})
    problems = Problems(f"the trial on '{case.title}'")
    case_checks.check(found, problems)
    problems.raise_if_any()
    return found


def _stop(run: Run, protocol: Protocol, steps: Sequence[TrialStep], starts: Sequence[float], first: float) -> Stop | None:
    """The stop criterion that was passed first, if any."""
    t = run.columns["t"]
    after = t > first
    found: list[tuple[float, Criterion]] = []
    for one in protocol.stops:
        if one.of in run.columns:
            values = run.columns[one.of][after]
            holds = np.isfinite(values) & (values < one.bound.value if one.compare == "below" else values > one.bound.value)
            at = first_lasting(t[after], holds, one.lasting)
            if at is not None:
                found.append((at, one))
    if not found:
        return None
    at, one = min(found, key=lambda pair: pair[0])
    return Stop(one, at, next(step.name for step, start in reversed(list(zip(steps, starts, strict=True))) if start < at))


def drugs_of(case: Case, values: Mapping[str, float]) -> dict[str, float]:
    """Drugs that run when the case ends, by the names of their controls."""
    found = {name: own_setting(case, name, values) for name in controls() if name.startswith("drug.")}
    return {name: value for name, value in found.items() if value}
