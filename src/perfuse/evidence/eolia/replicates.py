"""Many trials with a known truth: which method finds it, under which mechanism of crossover."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from perfuse.evidence.eolia.methods import METHODS
from perfuse.evidence.eolia.patients import MECHANISMS, Mechanism, simulate_trial, truth, with_crossover
from perfuse.evidence.progress import Progress
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean


@dataclass(frozen=True)
class Line:
    """One method under one mechanism.

    mean       geometric mean of the risk ratios; bias is its log less the log of the truth, bias_error that of chance
    coverage   share of 95 % intervals that hold the truth, of those that exist; coverage_error that of chance
    failed     replicates without an estimate; open: without an interval
    """

    mechanism: str
    method: str
    naive: bool
    truth: float
    mean: float
    bias: float
    bias_error: float
    spread: float
    coverage: float
    coverage_error: float
    failed: int
    open: int

    def as_data(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


COMPARED = tuple(name for name in METHODS if name != "extremes")


def replicate(
    replicates: int = 200,
    seed: int = 1,
    crossover: float = 0.28,
    mechanisms: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> list[Line]:
    """Methods against the truth on trials of EOLIA's size; one line per mechanism and method. InputError for an unknown mechanism."""
    problems = Problems("replicates")
    names = list(mechanisms) if mechanisms else list(MECHANISMS)
    for name in names:
        if name not in MECHANISMS:
            problems.add(("mechanisms",), f"{name!r} is not a mechanism", value=name, hint=did_you_mean(name, MECHANISMS))
    if not 2 <= replicates <= 100_000:
        problems.add(("replicates",), "this many trials cannot be compared", value=replicates, allowed="2 to 100000")
    problems.raise_if_any()
    lines: list[Line] = []
    for k, name in enumerate(names):
        how = with_crossover(MECHANISMS[name], crossover)
        found: dict[str, list[tuple[float, float, float]]] = {method: [] for method in COMPARED}
        for i in range(replicates):
            trial = simulate_trial(np.random.default_rng([seed, i]), how)
            for method in COMPARED:
                found[method].append(_answered(method, trial))
            if progress is not None:
                progress(k * replicates + i + 1, len(names) * replicates, f"crossover: {name}")
        lines += [_line(name, how, method, np.array(found[method])) for method in COMPARED]
    return lines


def _answered(method: str, trial: Any) -> tuple[float, float, float]:
    try:
        answer = METHODS[method].answer(trial)
    except InputError:  # a model without a maximum in one replicate is counted as failed, not hidden
        return (np.nan, np.nan, np.nan)
    return (answer.rr, np.nan if answer.low is None else answer.low, np.nan if answer.high is None else answer.high)


def _line(name: str, how: Mechanism, method: str, values: Any) -> Line:
    known = truth(how)
    true = known.rr_policy if METHODS[method].policy else known.rr
    logs = np.log(values[np.isfinite(values[:, 0]), 0])
    limits = values[np.isfinite(values).all(axis=1)]
    if logs.size < 2 or not limits.size:
        raise InputError([Problem("replicates", f"{method} gave no estimate under {name}", hint="Ask for more replicates.")], "replicates")
    covers = float(((limits[:, 1] <= true) & (true <= limits[:, 2])).mean())
    spread = float(logs.std(ddof=1))
    return Line(
        name,
        method,
        METHODS[method].naive,
        true,
        float(np.exp(logs.mean())),
        float(logs.mean() - np.log(true)),
        spread / float(np.sqrt(logs.size)),
        spread,
        covers,
        float(np.sqrt(max(covers * (1.0 - covers), 0.0) / limits.shape[0])),
        int(values.shape[0] - logs.size),
        int(logs.size - limits.shape[0]),
    )


def compared(replicates: int, seed: int, crossover: float, progress: Progress | None = None) -> dict[str, Any]:
    """The comparison as plain data: its lines, what they were made with, and the mechanisms in words."""
    lines = replicate(replicates, seed, crossover, progress=progress)
    return {
        "replicates": replicates,
        "seed": seed,
        "crossover": crossover,
        "lines": [line.as_data() for line in lines],
        "mechanisms": [f"{one.name}: {one.words}" for one in MECHANISMS.values()],
    }
