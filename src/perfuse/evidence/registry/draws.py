"""Small pieces of the synthetic registry: its parameters, values before support, and levels solved so that a published margin comes out."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from perfuse.parameters.problems import InputError, Problem, did_you_mean
from perfuse.parameters.yamlfile import read_file

Floats = NDArray[Any]
HERE = Path(__file__).parent
DAY = 86_400_000_000
"""Microseconds of a day."""


@cache
def data(name: str) -> Mapping[str, Any]:
    """A YAML file that lies beside this module."""
    found, problems = read_file(HERE / name, name)
    problems.raise_if_any()
    return dict(found)


@cache
def described() -> Mapping[str, Mapping[str, Any]]:
    """Every parameter by its dotted name, with value, unit, source and mark."""
    return {f"{group}.{name}": said for group, words in data("synthetic.yaml").items() for name, said in words.items()}


def parameters(change: Mapping[str, float] | None = None) -> dict[str, float]:
    """The numbers by dotted name ("weaning.severity"), some of them changed."""
    known = described()
    unknown = [name for name in change or {} if name not in known]
    if unknown:
        raise InputError([Problem(name, "there is no such parameter", hint=did_you_mean(name, known)) for name in unknown], "change")
    return {name: float((change or {}).get(name, said["value"])) for name, said in known.items()}


def streams(seed: int, *names: str) -> dict[str, np.random.Generator]:
    """One generator per part, so that what one part draws does not move the others."""
    children = np.random.SeedSequence(seed).spawn(len(names))
    return {name: np.random.default_rng(child) for name, child in zip(names, children, strict=True)}


def solved(mean: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Where an increasing function reaches `target`, to 1e-10 of its argument."""
    for _ in range(200):
        middle = (low + high) / 2
        if mean(middle) < target:
            low = middle
        else:
            high = middle
        if high - low < 1e-10:
            break
    return (low + high) / 2


def intercept(linear: Floats, target: float) -> float:
    """The intercept with which the mean probability of a logistic model is `target`."""
    return solved(lambda c: float(expit(linear + c).mean()), target, -20.0, 20.0) if len(linear) else 0.0


def rate(days: Floats, share: float) -> float:
    """The events per day with which `share` of the runs of these lengths have at least one."""
    return solved(lambda h: float(-np.expm1(-h * days).mean()), share, 0.0, 50.0) if len(days) else 0.0


def value(rng: np.random.Generator, said: Mapping[str, Any], severity: Floats) -> Floats:
    """Values (or 0 and 1) of one kind for patients of given severity."""
    if "p" in said:
        chance = expit(np.log(said["p"] / (1 - said["p"])) + said["severity"] * severity)
        return np.asarray(rng.random(len(severity)) < chance, dtype=float)
    middle = np.log(said["middle"]) if said.get("log") else said["middle"]
    drawn = middle + said["severity"] * severity + said["spread"] * rng.standard_normal(len(severity))
    return np.asarray(np.clip(np.exp(drawn) if said.get("log") else drawn, said["low"], said["high"]))


def category(rng: np.random.Generator, shares: Mapping[str, float], n: int) -> NDArray[Any]:
    """Words drawn with given shares."""
    words = np.array(list(shares), dtype=object)
    edges = np.cumsum(list(shares.values()))
    return np.asarray(words[np.minimum(np.searchsorted(edges / edges[-1], rng.random(n), side="right"), len(words) - 1)])


def lognormal(rng: np.random.Generator, median: float, spread: float, n: int) -> Floats:
    """Days with a given median."""
    return np.asarray(median * np.exp(spread * ndtri(np.clip(rng.random(n), 1e-12, 1 - 1e-12))))


def lost(rng: np.random.Generator, severity: Floats, share: float, per_severity: float) -> NDArray[np.bool_]:
    """Which values are missing: at random, given the severity, which is always known."""
    if share <= 0:
        return np.zeros(len(severity), dtype=bool)
    return np.asarray(rng.random(len(severity)) < expit(np.log(share / (1 - share)) + per_severity * severity))
