"""A case that is right, and a way to say what a change to it does."""

from typing import Any

import pytest

from perfuse.parameters.case import case_from_text
from perfuse.parameters.problems import InputError, Problem

GOOD = """\
schema: perfuse-case/1
title: VV-ECMO in a healthy adult
patient: healthy-adult
support:
  mode: vv
  drain: [{cannula: hls_pvl_2555, site: ivc}]
  return: [{cannula: nextgen_jug_21, site: ra, tip_distance: 10 cm}]
  pump: {model: rotaflow, rpm: 3400 rpm}
  lung: {model: quadrox_id}
  gas: {sweep: 4 L/min, fdo2: 1.0}
  start: 1 min
protocol:
  - {at: 3 min, set: {pump.rpm: 3800 rpm}, over: 30 s}
  - {at: 4 min, give: {crystalloid: 500 mL}, over: 1 min}
duration: 10 min
seed: 1
outputs: {waveforms: [{from: 9 min, for: 10 s}]}
"""


class Told:
    """What reading a text told."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.case: Any = None
        self.problems: tuple[Problem, ...] = ()
        self.message = ""
        try:
            self.case = case_from_text(text, "case.yaml")
        except InputError as error:
            self.problems, self.message = error.problems, str(error)

    def only(self) -> Problem:
        """The one problem there should be."""
        assert len(self.problems) == 1, self.message or "no problem was told"
        return self.problems[0]

    def line_of(self, part: str) -> int:
        """The line of the text in which something stands."""
        return next(i for i, line in enumerate(self.text.splitlines(), 1) if part in line)


@pytest.fixture
def good() -> str:
    return GOOD


@pytest.fixture
def changed() -> Any:
    """Reads the good case with parts of it replaced: changed("site: ivc", "site: pa")."""

    def read(*pairs: str) -> Told:
        text = GOOD
        for old, new in zip(pairs[::2], pairs[1::2], strict=True):
            assert old in text, f"{old} is not in the good case"
            text = text.replace(old, new)
        return Told(text)

    return read
