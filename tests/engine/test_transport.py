"""Contents that move every 20 ms, by what really crossed, arrive where they would if they moved every millisecond."""

import numpy as np
import pytest
from bodies import Array, fine_kernel, move, running

from perfuse.engine.run import SLOW_DT
from perfuse.results.numerics import site_gases

# right radial, left carotid, left radial, descending aorta, femoral
SITES = ["ascending", "arch", "distal_arch", "descending", "femoral"]
SICK_LUNGS = {"shunt": 0.45, "vent_fio2": 0.30}


def saturations(start: Array, fast_per_slow: int) -> dict[str, float]:
    """Mean saturation of every site over 30 s, after 60 s in which the new step settles, %."""
    moving = fine_kernel("ecmo", fast_per_slow, 1e-3)
    slow = fast_per_slow * 1e-3
    buffer = start.copy()
    move(moving, buffer, round(60.0 / slow))
    names = [f"{site}_{kind}" for site in SITES for kind in ("o2", "co2", "hb", "temp")] + ["base_excess"]
    samples = move(moving, buffer, round(30.0 / slow), names, round(SLOW_DT / slow))[:, :, 0]
    rows = {name: samples[:, i] for i, name in enumerate(names)}
    return {site: 100.0 * float(np.mean(site_gases(rows, site)[3])) for site in SITES}


@pytest.mark.parametrize(("contractility", "speed"), [(1.0, 2200.0), (0.5, 2600.0), (0.35, 3200.0)])
def test_regional_saturations_are_those_of_moving_contents_every_millisecond(contractility: float, speed: float) -> None:
    made = running("healthy-adult", "va", 120.0, contractility=contractility, pump_set=speed, **SICK_LUNGS)
    assert made.get("beat_stroke")[0] > 5.0, "the heart must eject against the pump"
    slow, fast = saturations(made.buffer, 20), saturations(made.buffer, 1)
    assert slow["femoral"] - slow["ascending"] > 2.0, "blood of two kinds must meet in the aorta"
    for site in SITES:
        assert slow[site] == pytest.approx(fast[site], abs=0.5), site
