"""A first-order low pass that goes on where it stopped: what a tube, a probe or a vessel leaves of a wave."""

import numpy as np
from numpy.typing import NDArray

from perfuse import ops
from perfuse.engine.kernel import routine

Array = NDArray[np.float64]


def low_pass(wave: Array, share: float, level: float) -> tuple[Array, float]:
    """The wave behind a low pass that moves by `share` of the difference at each sample, and its last level."""
    out = np.array(wave, dtype=np.float64)
    routine(ops.low_pass)(out, out.size, share, level)
    return out, float(out[-1]) if out.size else level
