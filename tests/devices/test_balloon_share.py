"""How much of a balloon's volume goes up to the heart: measured in patients, and a consequence of the model's aorta."""

import numpy as np

from perfuse.parameters.case import case_from
from perfuse.results.course import first_column, settled
from perfuse.results.simulate import prepare, structure_of


def test_the_share_that_reaches_the_aortic_root_is_near_the_measured_one() -> None:
    """6.4 +- 4.8 % of the balloon at 1:1 in ten patients (PMC2891860); here within two standard deviations."""
    written = {
        "schema": "perfuse-case/1",
        "title": "balloon",
        "patient": "shock-scai-c",
        "devices": [{"model": "iabp_40", "established": True}],
        "duration": "1 min",
    }
    case = case_from(written, "balloon")
    values, _, _, support = prepare(case)
    engine = settled([first_column(case, dict(values), support)], structure_of(case), 1)
    _, waves = engine.advance(6.0, [], 1.0, wave_rows=["balloon_gas", "ascending_flow"], wave_every=1)
    gas, flow = waves[:, 0, 0], waves[:, 1, 0]
    begins = np.flatnonzero((gas[1:] > 0.0) & (gas[:-1] <= 0.0))[:-1]
    filled = [begin + int(np.argmax(gas[begin : begin + 300] >= gas.max() - 1e-6)) for begin in begins]
    shares = [-flow[begin:full].sum() * 1e-3 / gas.max() for begin, full in zip(begins, filled, strict=True)]
    assert len(shares) >= 5
    assert 0.0 < float(np.mean(shares)) < 0.064 + 2 * 0.048
