"""A first-order low pass that goes on where it stopped: what a tube, a probe or a vessel leaves of a wave."""

from collections.abc import Callable
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from perfuse.engine.kernel import cache_folder, load_written

Array = NDArray[np.float64]

_SOURCE = '''"""A first-order low pass. Written by perfuse.bedside.filters; do not edit."""

import numba as nb


@nb.njit(error_model="numpy", nogil=True, cache=True)
def low_pass(wave, share, level, out):
    """Follow a wave: each sample moves the level by a share of what is between them."""
    for i in range(wave.size):
        level = level + share * (wave[i] - level)
        out[i] = level
    return level
'''


@cache
def _compiled() -> Callable[..., float]:
    return cast(Callable[..., float], load_written(cache_folder() / "low_pass.py", _SOURCE).low_pass)


def low_pass(wave: Array, share: float, level: float) -> tuple[Array, float]:
    """The wave behind a low pass that moves by `share` of the difference at each sample, and its last level."""
    out = np.empty(wave.size)
    last = _compiled()(np.ascontiguousarray(wave, dtype=np.float64), share, level, out)
    return out, float(last)
