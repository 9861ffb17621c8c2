"""Experiments before they are read: matching first, then every arm of every experiment in one go."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from perfuse.evidence.checks import look_up
from perfuse.evidence.expressions import evaluate, names
from perfuse.evidence.readings import Arm, finished, split_measures
from perfuse.evidence.rows import Experiment, Matching
from perfuse.evidence.simulator import Progress, Simulator, silent

Arms = dict[str, Arm] | Exception
"""The finished arms of an experiment, or what stopped it."""


def whole_case(arm: Mapping[str, Any], title: str) -> dict[str, Any]:
    """An arm as a complete case: what a case file has and an arm may leave out is filled in."""
    return {"schema": "perfuse-case/1", "title": title, "protocol": [], **copy.deepcopy(dict(arm))}


def with_solution(case: Mapping[str, Any], solved: Mapping[str, Any], free: Sequence[str]) -> dict[str, Any]:
    """`case` with the values that `free` parameters have in the solved case's patient."""
    values = {name: solved["patient"]["set"][name] for name in free}
    patient = case["patient"]
    whole: dict[str, Any] = {"library": patient} if isinstance(patient, str) else dict(patient)
    return {**case, "patient": {**whole, "set": {**whole.get("set", {}), **values}}}


def run_experiments(experiments: Mapping[str, Experiment], simulator: Simulator, progress: Progress | None = None) -> dict[str, Arms]:
    """Every experiment's arms. Arms that need no matching wait for none that do; an experiment that stops hides no other."""
    tell = progress or silent
    ready: dict[str, dict[str, dict[str, Any]]] = {}
    done: dict[str, Arms] = {}
    for number, (key, experiment) in enumerate(experiments.items()):
        try:
            ready[key] = matched_cases(key, experiment, simulator)
        except Exception as problem:  # a broken experiment is data: it must not hide the others
            done[key] = problem
        if experiment.matching:
            tell(number, len(experiments), f"matched {key}")
    split = {(key, arm): split_measures(case) for key, cases in ready.items() for arm, case in cases.items()}
    runs = simulator.runs([case for case, _ in split.values()], progress)
    for (key, arm), run in zip(split, runs, strict=True):
        arms = done.setdefault(key, {})
        if isinstance(arms, Exception):
            continue
        try:
            if isinstance(run, Exception):
                raise run
            arms[arm] = Arm(finished(run), split[key, arm][1])
        except Exception as problem:  # an arm that broke stops its experiment and no other
            done[key] = RuntimeError(f"arm {arm}: {type(problem).__name__}: {problem}")
    return done


def matched_cases(key: str, experiment: Experiment, simulator: Simulator) -> dict[str, dict[str, Any]]:
    """The cases of an experiment after its matching steps, in their order."""
    cases = {arm: whole_case(case, f"{key}, {arm}") for arm, case in experiment.arms.items()}
    for step in experiment.matching:
        targets = {name: _target(value, step, cases, simulator) for name, value in step.targets.items()}
        solved = dict(simulator.match(split_measures(cases[step.on])[0], step.free, targets))
        for arm in (step.on, *step.share):
            cases[arm] = with_solution(cases[arm], solved, step.free)
    return cases


def _target(value: str | float, step: Matching, cases: Mapping[str, Mapping[str, Any]], simulator: Simulator) -> str | float:
    """A target as given, or, when it reads another arm (`low.CVP`), that arm's reading."""
    others = {name.partition(".")[0] for name in names(value)} if isinstance(value, str) else set()
    if not isinstance(value, str) or not others:
        return value
    if step.on in others:
        raise ValueError(f"the arm {step.on!r} cannot be matched to itself")
    arms: dict[str, Arm] = {}
    for other in sorted(others):
        case, moments = split_measures(cases[other])
        run = simulator.runs([case])[0]
        if isinstance(run, Exception):
            raise run
        arms[other] = Arm(finished(run), moments)
    return evaluate(value, lambda name: look_up(arms, name))
