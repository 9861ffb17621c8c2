"""Propensity scores and weighted risks of a registry that lies in parts: every part gives sums, nobody holds the whole.

The numbers are those of the table in one piece: logistic regression is the same Newton's method, and risks, balance and sandwich are sums.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from perfuse.evidence.causal.balance import out_of_balance
from perfuse.evidence.causal.contrasts import Contrast
from perfuse.evidence.causal.logistic import Logistic, Sums, newton, sums, with_constant
from perfuse.evidence.causal.matched import ASSUMPTIONS
from perfuse.evidence.causal.weights import ESTIMANDS, SOURCES, weights
from perfuse.evidence.finding import Finding
from perfuse.evidence.frames import called, complete, design, levels_of
from perfuse.evidence.progress import Progress
from perfuse.evidence.scale import Map, Part, serial, told
from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """What every part is read for; `levels` of worded covariates over all parts."""

    treatment: str
    outcome: str
    covariates: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]

    def read(self, part: Part) -> tuple[Array, NDArray[np.bool_], Array, list[str], int]:
        """Covariates with a constant, who was treated, outcome, names of the columns, rows left out."""
        frame, left_out = complete(part.frame([self.treatment, self.outcome, *self.covariates]), self.covariates, "a part of the registry",
                                   binary=[self.treatment, self.outcome])  # fmt: skip
        x, names = design(frame, self.covariates, {name: list(levels) for name, levels in self.levels.items()})
        return with_constant(x), frame[self.treatment].to_numpy(bool), frame[self.outcome].to_numpy(np.float64), names, left_out


def worded(part: Part, covariates: tuple[str, ...]) -> dict[str, list[Any]]:
    """Levels of the worded covariates of one part."""
    return levels_of(part.frame(covariates), covariates)


def columns(parts: Sequence[Part], treatment: str, outcome: str, covariates: Sequence[str], across: Map) -> Columns:
    """What to read, after one look at all parts for the levels of worded covariates."""
    seen: dict[str, set[str]] = {name: set() for name in covariates}
    for levels in across(partial(worded, covariates=tuple(covariates)), parts):
        for name, known in levels.items():
            seen[name] |= set(known)
    return Columns(treatment, outcome, tuple(covariates), {name: tuple(sorted(known)) for name, known in seen.items()})


def propensity_in_parts(
    parts: Sequence[Part], columns: Columns, across: Map = serial, progress: Progress | None = None
) -> tuple[Logistic, list[str]]:
    """The logistic model of treatment, and the names of its columns after the constant."""
    first = next(iter(across(partial(_names, columns=columns), parts[:1])))
    turns = 0

    def total(beta: Array) -> Sums:
        nonlocal turns
        turns += 1
        if progress is not None:
            progress(turns, turns + 3, f"propensity model, pass {turns} over {len(parts)} parts")
        return added(across(partial(_sums, beta=beta, columns=columns), parts))

    return newton(total, len(first) + 1, first), first


def added(answers: Any) -> Sums:
    """Log likelihoods, gradients and informations of all parts together."""
    value, gradient, information = 0.0, np.zeros(1), np.zeros((1, 1))
    for one in answers:
        value, gradient, information = value + one[0], gradient + one[1], information + one[2]
    return value, gradient, information


def _names(part: Part, columns: Columns) -> list[str]:
    return columns.read(part)[3]


def _sums(part: Part, beta: Array, columns: Columns) -> Sums:
    x, treated, _, _, _ = columns.read(part)
    return sums(x, treated.astype(np.float64), beta)


def _weighed(part: Part, beta: Array, columns: Columns, estimand: str) -> dict[str, Any]:
    """By arm (treated, untreated): sums of w, w y, w^2, of slopes, and moments of the covariates before and after."""
    x, a, y, _, left_out = columns.read(part)
    score = expit(x @ beta)
    given = weights(score, a, estimand)
    out: dict[str, Any] = {"left_out": left_out, "n": y.size}
    z = x[:, 1:]
    for name, arm in (("treated", a), ("untreated", ~a)):
        w, d, one = given.weights[arm], given.slope[arm], np.ones(int(arm.sum()))
        out[name] = {
            "n": one.size, "y": y[arm].sum(), "w": w.sum(), "wy": w @ y[arm], "ww": w @ w, "top": w.max(initial=0.0),
            "slope": x[arm].T @ d, "slope_y": x[arm].T @ (d * y[arm]),
            "before": np.array([one @ z[arm], one @ z[arm] ** 2]), "after": np.array([w @ z[arm], w @ z[arm] ** 2]),
        }  # fmt: skip
    return out


def _influence(part: Part, beta: Array, columns: Columns, estimand: str, risks: Array, sizes: Array, lift: Array) -> Array:
    x, a, y, _, _ = columns.read(part)
    score = expit(x @ beta)
    w = weights(score, a, estimand).weights
    own = np.column_stack([np.where(arm, w * (y - p), 0.0) / s for arm, p, s in zip((a, ~a), risks, sizes, strict=True)])
    own = own + (x * (a - score)[:, None]) @ lift
    return np.asarray(own.T @ own)


def weighting_in_parts(
    parts: Sequence[Part],
    *,
    treatment: str,
    outcome: str,
    covariates: Sequence[str],
    estimand: str = "ATO",
    truth: Mapping[str, float] | None = None,
    across: Map = serial,
    progress: Progress | None = None,
) -> Finding:
    """`weighting` over parts, without truncation and resampling: the same risks, contrasts, intervals and balance."""
    if estimand not in ESTIMANDS:
        raise InputError([Problem("estimand", f"'{estimand}' is not an estimand", allowed=", ".join(ESTIMANDS))], "the weights")
    asked = columns(parts, treatment, outcome, covariates, across)
    model, names = propensity_in_parts(parts, asked, across, progress)
    ask: Callable[[Any], Any] = partial(_weighed, beta=model.beta, columns=asked, estimand=estimand)
    total: dict[str, Any] = {}
    for one in told(across(ask, parts), len(parts), progress, "weighing"):
        total = one if not total else _together(total, one)
    arms = [total["treated"], total["untreated"]]
    risks, sizes = np.array([arm["wy"] / arm["w"] for arm in arms]), np.array([arm["w"] for arm in arms])
    slopes = np.column_stack([(arm["slope_y"] - p * arm["slope"]) / arm["w"] for arm, p in zip(arms, risks, strict=True)])
    ask = partial(_influence, beta=model.beta, columns=asked, estimand=estimand, risks=risks, sizes=sizes, lift=model.covariance @ slopes)
    covariance = np.sum(list(told(across(ask, parts), len(parts), progress, "intervals")), axis=0)
    both = Contrast(float(risks[0]), float(risks[1]), covariance)
    crude = _crude(arms)
    known = truth or {}
    table = _balance(names, arms)
    return Finding(
        name="overlap" if estimand == "ATO" else "weights",
        question=f"How does {called(outcome)} differ between treated and untreated, for {ESTIMANDS[estimand]}?",
        n={"rows": int(total["n"]), "left out (missing values)": int(total["left_out"]), "treated": int(arms[0]["n"]), "parts": len(parts)},
        estimates=(
            *both.estimates("weighted", truths=known),
            *crude.estimates("crude", "naive", known),
        ),
        assumptions=ASSUMPTIONS,
        diagnostics={
            "estimand": estimand,
            "balance": table,
            "effective sample size, treated": float(arms[0]["w"] ** 2 / arms[0]["ww"]),
            "effective sample size, untreated": float(arms[1]["w"] ** 2 / arms[1]["ww"]),
            "largest weight over the mean of its arm": float(max(arm["top"] * arm["n"] / arm["w"] for arm in arms)),
        },
        warnings=both.one_sided + out_of_balance(table),
        curves={
            "balance": {"covariate": names, "before": [row["SMD before"] for row in table], "after": [row["SMD after"] for row in table]}
        },
        source=SOURCES[estimand],
    )


def _together(a: Any, b: Any) -> Any:
    if isinstance(a, dict):
        return {key: max(a[key], b[key]) if key == "top" else _together(a[key], b[key]) for key in a}
    return a + b


def _crude(arms: Sequence[Mapping[str, Any]]) -> Contrast:
    risks = [arm["y"] / arm["n"] for arm in arms]
    return Contrast(float(risks[0]), float(risks[1]), np.diag([p * (1 - p) / arm["n"] for p, arm in zip(risks, arms, strict=True)]))


def _balance(names: Sequence[str], arms: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Means and standardised differences before and after; the yardstick is that of the whole table (pooled variances before)."""
    means, spreads = [], []
    for arm in arms:
        mean = arm["before"][0] / arm["n"]
        binary = np.isclose(arm["before"][0], arm["before"][1])
        variance = arm["before"][1] / arm["n"] - mean**2
        means.append(mean)
        spreads.append(np.where(binary, variance, variance * arm["n"] / (arm["n"] - 1)))
    yard = np.sqrt((spreads[0] + spreads[1]) / 2)
    after = [arm["after"][0] / arm["w"] for arm in arms]
    return [
        {
            "covariate": name, "treated before": float(means[0][j]), "untreated before": float(means[1][j]),
            "SMD before": float((means[0][j] - means[1][j]) / yard[j]), "treated after": float(after[0][j]),
            "untreated after": float(after[1][j]), "SMD after": float((after[0][j] - after[1][j]) / yard[j]),
        }
        for j, name in enumerate(names)
    ]  # fmt: skip
