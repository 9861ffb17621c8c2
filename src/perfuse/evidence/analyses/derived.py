"""Columns that analyses need and a registry does not hold as such: died, age in decades, treated, dead by a day."""

import numpy as np
import pandas as pd

from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean

RUNS = {
    "died": "hospital_outcome is died (missing where it is still_in)",
    "age_decade": "(age - 50) / 10",
    "ecpr": "indication is ecpr",
    "myocarditis": "diagnosis is myocarditis",
    "arrest_before": "cardiac_arrest of runs that are not ecpr",
}
"""Derived columns of runs, and what they mean."""
CANDIDATES = {
    "age_decade": "(age - 50) / 10",
    "ecmo": "ECMO began at some time",
    "died_by_horizon": "died within the horizon (missing where observation ended before, alive and in hospital)",
}
"""Derived columns of candidates, and what they mean."""


def runs(frame: pd.DataFrame) -> pd.DataFrame:
    """The flat frame of runs with the derived columns that its own columns allow."""
    new: dict[str, pd.Series] = {}
    if "hospital_outcome" in frame:
        known = frame["hospital_outcome"].isin(["died", "alive"])
        new["died"] = (frame["hospital_outcome"] == "died").astype(float).where(known)
    if "age" in frame:
        new["age_decade"] = (frame["age"] - 50.0) / 10.0
    if "indication" in frame:
        new["ecpr"] = frame["indication"] == "ecpr"
        if "cardiac_arrest" in frame:
            arrest = frame["cardiac_arrest"]
            new["arrest_before"] = arrest.astype(float).where(frame["indication"] != "ecpr", 0.0)
    if "diagnosis" in frame:
        new["myocarditis"] = frame["diagnosis"] == "myocarditis"
    return frame.assign(**{name: column for name, column in new.items() if name not in frame})


def candidates(frame: pd.DataFrame, horizon: float, landmark: float | None = None) -> pd.DataFrame:
    """The flat frame of candidates with the derived columns that its own columns allow.

    horizon   days by which death is counted; those who left hospital alive before count as alive
    landmark  only those still followed on that day; treated means begun by then. Without it: begun at any time
    """
    if landmark is not None:
        if landmark < 0 or landmark >= horizon:
            text = "the landmark does not lie before the horizon"
            raise InputError(
                [Problem("--landmark", text, value=str(landmark), allowed=f"0 to less than {horizon:g} days")], "the command line"
            )
        frame = frame[frame["end_day"] > landmark]
    new: dict[str, pd.Series] = {}
    if {"ended_by", "end_day"} <= set(frame.columns):
        died = (frame["ended_by"] == "died") & (frame["end_day"] <= horizon)
        known = died | (frame["end_day"] >= horizon) | (frame["ended_by"] == "discharged")
        new["died_by_horizon"] = died.astype(float).where(known)
    if "ecmo_day" in frame:
        new["ecmo"] = frame["ecmo_day"].notna() if landmark is None else frame["ecmo_day"].notna() & (frame["ecmo_day"] <= landmark)
    if "age" in frame:
        new["age_decade"] = (frame["age"] - 50.0) / 10.0
    return frame.assign(**{name: column for name, column in new.items() if name not in frame})


def unseen(frame: pd.DataFrame, outcome: str) -> tuple[str, ...]:
    """A warning where an outcome is missing because observation ended first: that is not missing by chance."""
    if outcome not in ("died", "died_by_horizon") or outcome not in frame:
        return ()
    gone = int(frame[outcome].isna().sum())
    if not gone:
        return ()
    return (
        f"Of {len(frame)} rows {gone} end before the outcome is known and are left out, while deaths before that day are kept: they do not "
        "miss by chance. Risks come out too high or too low by that; odds ratios suffer less.",
    )


def only(frame: pd.DataFrame, conditions: list[str]) -> pd.DataFrame:
    """The rows that meet all conditions COLUMN=VALUE or COLUMN=VALUE,VALUE; InputError for one that cannot be read or leaves nobody."""
    problems = Problems("the command line")
    keep = np.ones(len(frame), dtype=bool)
    for condition in conditions:
        name, sign, values = condition.partition("=")
        if not sign or not values:
            problems.add(("--where",), f"'{condition}' is not COLUMN=VALUE", value=condition, hint="For example: indication=respiratory.")
        elif name not in frame.columns:
            problems.add(("--where",), f"there is no column '{name}'", value=name, hint=did_you_mean(name, map(str, frame.columns)))
        else:
            wanted = {value.strip().lower() for value in values.split(",")}
            found = frame[name].map(_word).isin(wanted).to_numpy()
            if not found.any():
                seen = sorted(set(frame[name].map(_word)))[:8]
                problems.add(("--where",), f"no row has {condition}", value=values, allowed=", ".join(seen))
            keep &= found
    problems.raise_if_any()
    if not keep.any():
        problems.add(("--where",), "no row meets all conditions", value=", ".join(conditions))
        problems.raise_if_any()
    return frame[keep]


def _word(value: object) -> str:
    if isinstance(value, float) and np.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value).lower()
