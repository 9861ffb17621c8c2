"""Colours of pages and figures: one name, a light and a dark value. Every one is told apart by line style or words as well."""

from itertools import pairwise

LIGHT = {
    "paper": "#ffffff", "panel": "#eef1f3", "t1": "#12171b", "t2": "#47515a", "t3": "#5c666e", "rule": "#d3d9de", "edge": "#7c8790",
    "ghost": "#6b757d", "skin": "#8c979f", "organ": "#e4e9ec", "tube": "#4a545c",
    "ecg": "#0b7038", "art": "#be2530", "pap": "#7a5900", "cvp": "#1b58b5", "spo2": "#086a79", "nirs": "#86339a", "svo2": "#9e4300",
    "caution": "#8a6a00", "cautionfill": "#fff0bd", "bad": "#cc1420",
}  # fmt: skip
"""Contrast on `paper`: text colours 5 : 1 or more, signals 6 : 1 or more, rules are decoration."""

DARK = {
    "paper": "#0d1114", "panel": "#181d22", "t1": "#f0f3f5", "t2": "#b7c0c8", "t3": "#929da6", "rule": "#2d353c", "edge": "#6e7a84",
    "ghost": "#8e99a2", "skin": "#66717a", "organ": "#20272d", "tube": "#8a959e",
    "ecg": "#5fd88a", "art": "#ff8079", "pap": "#ebcb5b", "cvp": "#82b6ff", "spo2": "#5fd3e2", "nirs": "#dba0f2", "svo2": "#ffab66",
    "caution": "#ffd21f", "cautionfill": "#2e2710", "bad": "#ff8079",
}  # fmt: skip

_BLOOD = [(40, 63, 38, 80), (60, 100, 41, 90), (70, 128, 44, 88), (80, 162, 48, 82), (90, 206, 60, 72), (100, 245, 80, 64)]


def blood(saturation: float) -> str:
    """The colour of blood by its saturation, 40 to 100 %; held at the ends."""
    s = min(max(saturation, 40.0), 100.0)
    low, high = next((a, b) for a, b in pairwise(_BLOOD) if s <= b[0])
    share = (s - low[0]) / (high[0] - low[0])
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(low[1:], high[1:], strict=True))


def as_variables(svg: str) -> str:
    """Light colours of a drawing replaced by page variables, so that a page can turn it dark."""
    for name, value in LIGHT.items():
        svg = svg.replace(value, f"var(--{name})")
    return svg
