"""The volume model of a registry that lies in parts, whole centres in each: every part gives its log likelihood and gradient."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perfuse.evidence.causal.in_parts import added, worded
from perfuse.evidence.causal.logistic import Sums, newton, sums, with_constant
from perfuse.evidence.centres.mixed import Mixed, by_centre, likelihood, maximise, modes
from perfuse.evidence.centres.volume import ASSUMPTIONS, REVERSE, SOURCE, Z, spread_of_centres
from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.frames import called, complete, design
from perfuse.evidence.progress import Progress
from perfuse.evidence.scale import Map, Part, serial
from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """What every part is read for: columns, levels of worded covariates, and the means that are taken off."""

    outcome: str
    covariates: tuple[str, ...]
    centre: str
    volume: str
    levels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    means: tuple[float, ...] = ()


def prepared(part: Part, asked: Asked) -> tuple[Array, Array, NDArray[np.int64], list[str], list[str]]:
    """Columns (constant, log2 volume, covariates), outcome, first rows of the centres, names of centres and of columns."""
    return _read(part.where, asked) if isinstance(part.where, str) else _made(part, asked)


@lru_cache(maxsize=64)
def _read(where: str, asked: Asked) -> tuple[Array, Array, NDArray[np.int64], list[str], list[str]]:
    return _made(Part(where), asked)  # kept in whoever works on it, so that a file is read once and not for every step


def _made(part: Part, asked: Asked) -> tuple[Array, Array, NDArray[np.int64], list[str], list[str]]:
    needed = [asked.outcome, *asked.covariates, asked.centre, asked.volume]
    frame, _ = complete(part.frame(needed), needed, "a part of the registry", binary=[asked.outcome], numbers=[asked.volume])
    z, names = design(frame, asked.covariates, {name: list(levels) for name, levels in asked.levels})
    x = np.column_stack([np.log2(frame[asked.volume].to_numpy(np.float64)), z])
    if asked.means:
        x = x - np.array(asked.means)
    codes = frame[asked.centre].astype("category").cat.codes.to_numpy(np.int64)
    order, first = by_centre(codes)
    labels = frame[asked.centre].astype(str).to_numpy()[order][first]
    return with_constant(x[order]), frame[asked.outcome].to_numpy(np.float64)[order], first, list(labels), ["log2 volume", *names]


def _looked(part: Part, asked: Asked) -> tuple[Array, int, list[str], list[str]]:
    x, y, _, labels, names = prepared(part, asked)
    return x[:, 1:].sum(axis=0), y.size, labels, names


def _plain(part: Part, asked: Asked, beta: Array) -> Sums:
    x, y, _, _, _ = prepared(part, asked)
    return sums(x, y, beta)


def _mixed(part: Part, asked: Asked, beta: Array, sd: float, nodes: int) -> tuple[float, Array]:
    x, y, first, _, _ = prepared(part, asked)
    return likelihood((x, y, first), beta, sd, nodes)


def _effects(part: Part, asked: Asked, beta: Array, sd: float) -> tuple[Array, Array]:
    x, y, first, _, _ = prepared(part, asked)
    u, c = modes(x @ beta, y, first, sd)
    return sd * u, sd / np.sqrt(c)


def volume_in_parts(
    parts: Sequence[Part],
    *,
    outcome: str = "died",
    covariates: Sequence[str] = (),
    centre: str = "centre_id",
    volume: str = "annual_volume",
    nodes: int = 7,
    across: Map = serial,
    progress: Progress | None = None,
) -> tuple[Mixed, list[str], list[str]]:
    """The mixed model with a straight line of log2 volume: the fit, names of its columns after the constant, names of the centres.

    Raises InputError where a centre lies in more than one part.
    """
    bare = Asked(outcome, tuple(covariates), centre, volume)
    seen: dict[str, set[str]] = {name: set() for name in covariates}
    for levels in across(partial(worded, covariates=bare.covariates), parts):
        for name, known in levels.items():
            seen[name] |= set(known)
    bare = Asked(outcome, tuple(covariates), centre, volume, tuple((name, tuple(sorted(known))) for name, known in seen.items()))
    looks = list(across(partial(_looked, asked=bare), parts))
    labels = [label for look in looks for label in look[2]]
    if len(set(labels)) < len(labels):
        twice = sorted({label for label in labels if labels.count(label) > 1})
        hint = "Write the parts by centre: every centre in one file."
        raise InputError(
            [Problem(centre, f"{len(twice)} centres lie in more than one part", value=", ".join(twice[:4]), hint=hint)], "the parts"
        )
    if len(labels) < 3:
        raise InputError(
            [Problem(centre, f"{len(labels)} centres cannot show how centres differ", allowed="3 centres and more")], "the parts"
        )
    n = sum(look[1] for look in looks)
    asked = Asked(
        outcome, tuple(covariates), centre, volume, bare.levels, tuple((np.sum([look[0] for look in looks], axis=0) / n).tolist())
    )
    names = looks[0][3]
    start = newton(lambda beta: added(across(partial(_plain, asked=asked, beta=beta), parts)), len(names) + 1, names)
    turns = 0

    def total(beta: Array, sd: float, points: int) -> tuple[float, Array]:
        nonlocal turns
        turns += 1
        if progress is not None:
            progress(turns, max(turns + 5, 60), f"volume model, pass {turns} over {len(parts)} parts")
        found: list[Any] = list(across(partial(_mixed, asked=asked, beta=beta, sd=sd, nodes=points), parts))
        return float(sum(one[0] for one in found)), np.sum([one[1] for one in found], axis=0)

    beta, sd, covariance, value, calls = maximise(total, start.beta, start.covariance, nodes)
    effects = list(across(partial(_effects, asked=asked, beta=beta, sd=sd), parts))
    both = [np.concatenate([one[i] for one in effects]) for i in (0, 1)]
    return Mixed(beta, sd, covariance, value, both[0], both[1], calls), names, labels


def volume_finding_in_parts(
    parts: Sequence[Part],
    *,
    outcome: str = "died",
    covariates: Sequence[str] = (),
    centre: str = "centre_id",
    volume: str = "annual_volume",
    nodes: int = 7,
    across: Map = serial,
    progress: Progress | None = None,
) -> Finding:
    """The same as a finding: odds ratio per doubling, spread of centres, their shrunken effects."""
    model, names, labels = volume_in_parts(
        parts, outcome=outcome, covariates=covariates, centre=centre, volume=volume, nodes=nodes, across=across, progress=progress
    )
    value, se = float(model.beta[1]), float(model.se[1])
    return Finding(
        name="volume",
        question=f"How does the chance of {called(outcome)} change with the annual volume of a centre, case mix held equal?",
        n={"centres": len(labels), "parts": len(parts)},
        estimates=(
            Estimate(
                "Odds ratio per doubling of annual volume",
                float(np.exp(value)),
                float(np.exp(value - Z * se)),
                float(np.exp(value + Z * se)),
            ),
            *spread_of_centres(model),
        ),
        assumptions=ASSUMPTIONS,
        diagnostics={
            "points of the quadrature": nodes,
            "log likelihood": model.log_likelihood,
            "evaluations over all parts": model.evaluations,
            "coefficients": [
                {"column": name, "log odds": float(b), "SE": float(s)}
                for name, b, s in zip(names, model.beta[1:], model.se[1:], strict=True)
            ],
        },
        warnings=(REVERSE,),
        curves={
            "centres": {
                "centre": labels,
                "odds_ratio": np.exp(model.modes).tolist(),
                "low": np.exp(model.modes - Z * model.spreads).tolist(),
                "high": np.exp(model.modes + Z * model.spreads).tolist(),
            }
        },
        source=SOURCE,
    )
