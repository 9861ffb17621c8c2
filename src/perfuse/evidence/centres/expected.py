"""Expected deaths: from predictions in the table, or from a logistic model of case mix that knows nothing of centres."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from perfuse.evidence.causal.logistic import fit, with_constant
from perfuse.evidence.frames import complete, design
from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]


def with_risks(
    frame: pd.DataFrame, outcome: str, covariates: Sequence[str], predicted: str | None, also: Sequence[str], where: str
) -> tuple[pd.DataFrame, Array, Array, int, str]:
    """Complete rows, outcome (0/1), risk of each row, rows left out, and how the risk came about in words.

    Raises InputError where predictions are not between 0 and 1, or neither predictions nor covariates are given.
    """
    if predicted is None and not covariates:
        hint = "Name covariates, or a column of predictions."
        raise InputError([Problem("", "expected deaths need case mix or predictions", hint=hint)], where)
    if predicted is not None:
        found, left_out = complete(frame, also, where, binary=[outcome], numbers=[predicted])
        risk = found[predicted].to_numpy(np.float64)
        if risk.min() < 0.0 or risk.max() > 1.0:
            text = "a prediction is not a chance"
            raise InputError([Problem(predicted, text, value=f"{risk.min():g} to {risk.max():g}", allowed="0 to 1")], where)
        return found, found[outcome].to_numpy(np.float64), risk, left_out, f"predictions in the column {predicted}"
    found, left_out = complete(frame, [*covariates, *also], where, binary=[outcome])
    x, names = design(found, covariates)
    y = found[outcome].to_numpy(np.float64)
    full = with_constant(x)
    model = fit(full, y, names=names)
    return found, y, np.asarray(expit(model.log_odds(full))), left_out, f"logistic model of {', '.join(covariates)}, without centres"
