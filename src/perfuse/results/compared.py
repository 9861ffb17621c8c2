"""One patient on several supports: the same settled patient, the same protocol as far as each circuit has the parts for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.engine.run import Engine
from perfuse.parameters.case_checks import check_step
from perfuse.parameters.case_models import Case, DeviceChoice, Step, Support
from perfuse.parameters.circuits import default_devices, default_support, support_names
from perfuse.parameters.from_python import case_of, plain
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean, refuse_long
from perfuse.results.course import first_column, protocol_events, settled, support_events
from perfuse.results.joined import joined
from perfuse.results.run import Run
from perfuse.results.simulate import LANES_ALONE, Progress, play, prepare, structure_of

NONE = "none"
LONG = 604800.0  # s
MOST = 100
"""Supports of one comparison: each is a run that is kept whole."""


def compare(case: Case, supports: Sequence[str], *, progress: Progress | None = None) -> list[Run]:
    """One run for each support: words of `support_names`, several joined by "+" ("va+impella"). The case's own circuit stands for its mode.

    The patient settles once. What the protocol asks of parts that a circuit lacks is left out, and the run's warnings say so.
    """
    refuse_long(len(supports), MOST, "supports", "the comparison", "Compare fewer at a time.")
    problems = [problem for name in supports for problem in wrong_with(name)]
    if problems:
        raise InputError(problems, "the comparison")
    values, library, bedside, _ = prepare(case)
    # a body that has lived with its support is no starting point for others
    lived_with = any(part.established for part in (case.support, *case.devices) if part is not None)
    base: Engine | None = None
    runs = []
    for number, name in enumerate(supports):
        variant, left_out = variant_of(case, name)
        if lived_with:
            engine = _settled(variant, values)
        else:
            base = base or _settled(case, values)
            engine = _engine(base, case, variant)
        events = sorted([*support_events(variant), *protocol_events(variant)], key=lambda event: event.start)
        run = play(engine, variant, values, library, bedside, events)
        run.warnings = [*run.warnings, *left_out]
        runs.append(run)
        if progress is not None:
            progress(number + 1, len(supports))
    return runs


def wrong_with(name: str) -> list[Problem]:
    """What is wrong with the name of a support: its parts, joined by a plus, are known and can run together."""
    parts = name.split("+")
    hint = "Write for example none,va,va+impella; 'perfuse devices' lists the devices."
    wrong = [
        Problem("--support", f"'{part}' is not a support", value=part, hint=did_you_mean(part, support_names(), hint))
        for part in parts
        if part not in support_names()
    ]
    circuits = [part for part in parts if part != NONE and part in support_names() and not default_devices(part)]
    if not wrong and len(parts) > 1 and (NONE in parts or len(circuits) > 1):
        alone = "none stands alone" if NONE in parts else "two ECMO circuits cannot run together"
        wrong.append(Problem("--support", f"'{name}' is not a support: {alone}", value=name, hint="Name them with a comma between."))
    return wrong or _clashes(name)


def _clashes(name: str) -> list[Problem]:
    """Why the devices of a name cannot stand together; [] where they can."""
    try:
        if blocks := _blocks(name):
            case_of("healthy-adult", blocks, seconds=LONG)
    except InputError as error:
        return [Problem("--support", f"'{name}': {problem.text}", value=name, hint=problem.hint) for problem in error.problems]
    return []


def variant_of(case: Case, name: str) -> tuple[Case, list[str]]:
    """The case on another support, and what had to be left out of it, in words."""
    own = case.support
    if not case.devices and name == (NONE if own is None else own.mode):
        return case, []
    left_out = []
    circuits, devices = _parts(case, name)
    changes: dict[str, Any] = {"support": circuits, "devices": devices}
    if name == NONE and case.ventilator is not None:
        changes["ventilator"] = None
        left_out.append("Left out: the case's ventilator settings begin with support; without it the ventilation stays as it was.")
    variant = case.model_copy(update=changes)
    steps: list[Step] = []
    lacking: dict[str, list[str]] = {}
    for step in case.protocol:
        for name_of, one in _pieces(step):
            why = _obstacle(variant, one)
            if why is None:
                steps.append(one)
            else:
                lacking.setdefault(why, []).append(f"{name_of} at {step.at / 60.0:g} min")
    left_out += [f"Left out: {', '.join(what)} ({why})." for why, what in lacking.items()]
    return variant.model_copy(update={"protocol": steps}), left_out


def _parts(case: Case, name: str) -> tuple[Support | None, list[DeviceChoice]]:
    """Circuit and devices that a name stands for, started when the case's own support is; refused together where they cannot stand."""
    blocks = _blocks(name, case.support)
    for block in blocks:
        block["start"] = case.begins
    made = case_of("healthy-adult", blocks, seconds=LONG, called=f"the support {name}") if blocks else None
    return (made.support, made.devices) if made is not None else (None, [])


def _blocks(name: str, own: Support | None = None) -> list[dict[str, Any]]:
    """Blocks of a case file that a name stands for; `own` stands for its mode."""
    blocks: list[dict[str, Any]] = []
    for word in name.split("+"):
        if word != NONE:
            circuit = plain(own) if own is not None and own.mode == word else None
            blocks += default_devices(word) or [circuit or default_support(word)]
    return blocks


def _pieces(step: Step) -> list[tuple[str, Step]]:
    """A step as single changes, each with its name."""
    pieces: list[tuple[str, dict[str, Any]]] = [(name, {"set": {name: value}}) for name, value in step.settings.items()]
    pieces += [(name, {"give": {name: volume}}) for name, volume in step.fluids.items()]
    if step.fault is not None:
        pieces.append((step.fault, {"fault": step.fault} | ({} if step.severity is None else {"severity": step.severity})))
    times = {"at": step.at, "over": step.over}
    return [(name, Step.model_validate({**times, **piece}, context={"bare_times": True})) for name, piece in pieces]


def _obstacle(variant: Case, one: Step) -> str | None:
    """Why this support cannot do what a step asks; None where it can."""
    problems = Problems()
    check_step(variant.model_copy(update={"protocol": [one]}), 0, problems)
    if not problems.found:
        return None
    return "there is no circuit" if not variant.supported else problems.found[0].text


def _settled(case: Case, values: Mapping[str, float]) -> Engine:
    first = first_column(case, values, case.support)
    return settled([first], structure_of(case), LANES_ALONE)


def _engine(base: Engine, own: Case, wanted: Case) -> Engine:
    """The settled patient of `base` on the support wanted."""
    if (own.support, own.devices) == (wanted.support, wanted.devices):
        return Engine(base.structure, base.lanes, base.buffer.copy())
    return joined(base, wanted)
