"""What a kernel copies out while it runs: some rows, at some of its steps."""

from collections.abc import Iterable
from typing import Any

from perfuse.ops import Rows


class Samples:
    """Rows to copy, and where to: `out[sample][i]` is row `rows[i]`."""

    def __init__(self, rows: Iterable[int], out: Any) -> None:
        self.rows, self.out = list(rows), out


def copy_rows(buf: Rows, to: Samples, sample: int) -> None:
    """Copy the rows as sample number `sample`. (The built kernels bring their own: engine/prelude.hpp.)"""
    for i, row in enumerate(to.rows):
        to.out[sample][i] = buf[row]
