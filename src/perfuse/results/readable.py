"""What a finished run offers to those who read it: the store, the report, the command line, the comparison with published numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Loop = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""Volume (mL) and pressure (mmHg) of one ventricle over one beat."""


class ReadableRun(Protocol):
    """The reading side of a run; `perfuse.results.Run` has it, and a test can stand in for it."""

    @property
    def trends(self) -> pa.Table:
        """One row a second: `t` (s) and names of the vocabulary, in its units."""

    @property
    def waveforms(self) -> pa.Table | None:
        """The windows that the case asked for, or None: `t` (s), pressures (mmHg), volumes (mL), flow (L/min)."""

    @property
    def loops(self) -> Mapping[str, Mapping[str, Loop]]:
        """`before` and `after` support, each with `lv` and `rv`."""

    @property
    def events(self) -> Sequence[tuple[float, str]]:
        """When (s) and what."""

    @property
    def support(self) -> Any:
        """The support as the case states it, or None."""

    @property
    def devices(self) -> Sequence[Any]:
        """The devices as the case states them."""

    def summary(self) -> dict[str, Any]:
        """The run in numbers, ready for JSON."""
