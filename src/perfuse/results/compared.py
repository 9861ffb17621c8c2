"""One patient on several supports: the same settled patient, the same protocol as far as each circuit has the parts for it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from perfuse.engine.build import luck
from perfuse.engine.kernel import is_compiled
from perfuse.engine.run import Engine
from perfuse.parameters.case_checks import check_step
from perfuse.parameters.case_models import MODES, Case, Step, Support
from perfuse.parameters.circuits import checked, default_support
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean
from perfuse.results.course import column, protocol_events, settled, standing_settings, support_events
from perfuse.results.joined import alone, joined
from perfuse.results.run import Run
from perfuse.results.simulate import LANES_ALONE, Progress, play, prepare, structure_of

NONE = "none"


def must_compile(case: Case, supports: Sequence[str]) -> bool:
    """Whether the first of these runs will have to compile."""
    structures = {structure_of(case), *("patient" if name == NONE else "ecmo" for name in supports)}
    return not all(is_compiled(structure, LANES_ALONE) for structure in structures)


def compare(case: Case, supports: Sequence[str], *, progress: Progress | None = None) -> list[Run]:
    """One run for each support: none, vv, va, vav, vpa. The case's own circuit stands for its mode, default circuits for the others.

    The patient settles once. What the protocol asks of parts that a circuit lacks is left out, and the run's warnings say so.
    """
    known = (NONE, *MODES)
    wrong = [
        Problem("--support", f"'{name}' is not a support", value=name, allowed=", ".join(known), hint=did_you_mean(name, known))
        for name in supports
        if name not in known
    ]
    if wrong:
        raise InputError(wrong, "the comparison")
    values, library, bedside, _ = prepare(case)
    own = case.support
    base: Engine | None = None
    runs = []
    for number, name in enumerate(supports):
        variant, left_out = variant_of(case, name)
        if own is not None and own.established:  # a body that has lived with its circuit is no starting point for others
            engine = _settled(variant, values)
        else:
            base = base or _settled(case, values)
            engine = _engine(base, own, variant.support)
        events = sorted([*support_events(variant), *protocol_events(variant)], key=lambda event: event.start)
        run = play(engine, variant, values, library, bedside, events)
        run.warnings = [*run.warnings, *left_out]
        runs.append(run)
        if progress is not None:
            progress(number + 1, len(supports))
    return runs


def variant_of(case: Case, name: str) -> tuple[Case, list[str]]:
    """The case on another support, and what had to be left out of it, in words."""
    own = case.support
    if name == (NONE if own is None else own.mode):
        return case, []
    left_out = []
    changes: dict[str, Any] = {"support": None if name == NONE else _circuit(case, name)}
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


def _circuit(case: Case, name: str) -> Support:
    """The default circuit of a mode, started when the case's own is."""
    block = default_support(name)
    if case.support is not None:
        block["start"] = case.support.start
    return checked(block, f"the default circuit {name}")


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
    return "there is no circuit" if variant.support is None else problems.found[0].text


def _settled(case: Case, values: Mapping[str, float]) -> Engine:
    first = column(values, case.support, standing_settings(case)) | luck(case.seed)
    return settled([first], structure_of(case), LANES_ALONE)


def _engine(base: Engine, own: Support | None, wanted: Support | None) -> Engine:
    """The settled patient of `base` on the circuit wanted."""
    if own == wanted:
        return Engine(base.structure, base.lanes, base.buffer.copy())
    body = base if own is None else alone(base)
    return Engine(body.structure, body.lanes, np.array(body.buffer)) if wanted is None else joined(body, wanted)
