"""Individuals that add up to EOLIA: a large simulated population is cut into the cells of the published table and each cell is filled.

Drawing within cells gives exactly the model's own distribution of patients given the published counts: no reweighting, no rounding.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perfuse.evidence.eolia.patients import ENDPOINT, MECHANISMS, Mechanism, Trial, arm, joined
from perfuse.evidence.eolia.published import count

POPULATION = 12_000
"""Patients per arm from whom the cells are filled."""


def eolia_individuals(seed: int = 1, how: Mechanism | None = None) -> Trial:
    """249 patients with the published deaths at 60 and 90 days, crossovers and deaths after crossover, each exactly.

    Whether the two controls who died after day 60 had crossed over is not published: they are drawn among those who had not.
    The mechanism is `deterioration` unless given. ArithmeticError when it makes no patients for a cell.
    """
    how = how or MECHANISMS["deterioration"]
    rng = np.random.default_rng(seed)
    ecmo, control = arm(rng, POPULATION, True, how), arm(rng, POPULATION, False, how)
    crossed = np.isfinite(control.crossed)
    died, later, alive = _cells(ecmo)
    first = _fill(
        rng,
        [
            (died, count("died_60_ecmo")),
            (later, count("died_90_ecmo") - count("died_60_ecmo")),
            (alive, count("n_ecmo") - count("died_90_ecmo")),
        ],
    )
    died, later, alive = _cells(control)
    second = _fill(
        rng,
        [
            (died & crossed, count("crossed_died_60")),
            (died & ~crossed, count("died_60_control") - count("crossed_died_60")),
            (later & ~crossed, count("died_90_control") - count("died_60_control")),
            (alive & crossed, count("crossed") - count("crossed_died_60")),
            (alive & ~crossed, count("n_control") - count("died_90_control") - count("crossed") + count("crossed_died_60")),
        ],
    )
    return joined(ecmo.rows(first), control.rows(second))


def _cells(trial: Trial) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    by_60 = trial.dead_by(ENDPOINT)
    return by_60, trial.died & ~by_60, ~trial.died


def _fill(rng: np.random.Generator, cells: list[tuple[NDArray[np.bool_], int]]) -> NDArray[np.int64]:
    chosen = []
    for members, wanted in cells:
        here = np.flatnonzero(members)
        if here.size < wanted:
            raise ArithmeticError(f"the mechanism makes {here.size} patients for a cell of {wanted}: it does not resemble EOLIA")
        chosen.append(rng.choice(here, wanted, replace=False))
    return np.concatenate(chosen)


def as_frame(trial: Trial) -> pd.DataFrame:
    """One row per patient, as an analyst would have it: arm, severity, crossover_day, end_day, ended_by."""
    return pd.DataFrame(
        {
            "patient": np.arange(1, trial.time.size + 1),
            "arm": np.where(trial.ecmo, "ecmo", "control"),
            "severity": trial.severity,
            "crossover_day": np.where(np.isfinite(trial.crossed), trial.crossed, np.nan),
            "end_day": trial.time,
            "ended_by": np.where(trial.died, "died", "censored"),
        }
    )
