"""Runs told from charted settings, where a source has no start and end of support: the first and last chart of an episode."""

from typing import Any

import pandas as pd

from perfuse.evidence.registry import raw

GAP_HOURS = 24.0
"""Charts of one stay that are further apart belong to different runs (assumed)."""
ASSUMED = (
    f"runs were told from charts: one begins with the first chart and ends with the last, and charts more than {GAP_HOURS:g} h apart "
    "belong to different runs (assumed); indication and outcome of support are not in this source"
)


def numbered(frame: pd.DataFrame, stay: str, when: str) -> pd.DataFrame:
    """The same rows in the order of stay and time, with `run_id` (stay, a dash, number of the episode)."""
    ordered = frame.sort_values([stay, when], kind="stable").reset_index(drop=True)
    episode = raw.episodes(ordered[stay], ordered[when], GAP_HOURS)
    return ordered.assign(run_id=ordered[stay].astype(str) + "-" + pd.Series(episode).astype(str))


def runs_of(frame: pd.DataFrame, when: str, keep: list[str]) -> pd.DataFrame:
    """One row per run: run_id, start, end, and the first value of the columns in `keep`."""
    grouped = frame.groupby("run_id", sort=False)
    said: dict[str, Any] = {"start": (when, "min"), "end": (when, "max"), **{name: (name, "first") for name in keep}}
    return grouped.agg(**said).reset_index()


def stamped(times: pd.Series) -> pd.Series:
    """Times as ISO text; missing ones are empty."""
    return times.dt.strftime("%Y-%m-%d %H:%M:%S").where(times.notna(), None)
