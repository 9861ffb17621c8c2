"""Tables on the terminal: whole words, names that break at their joints, nothing cut off, whatever the width."""

import re
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from perfuse.views.screen import table


def drawn(made: object, width: int) -> str:
    """What stands on a terminal of this width."""
    out = StringIO()
    Console(file=out, width=width, highlight=False).print(made)
    return out.getvalue()


def estimators() -> object:
    """A table like that of EOLIA's estimators: headings of several words, numbers, and a text."""
    made = table("Death by day 60, ECMO over none", "risk ratio", "truth of the model", "90 % of simulated sets", right=(1, 2, 3))
    made.add_row("Published", "", "", "")
    made.add_row("  rank-preserving structural model", "0.73", "0.72", "from counts alone")
    return made


@pytest.mark.parametrize("width", [60, 80, 120])
def test_words_of_headings_and_cells_stay_whole(width: int) -> None:
    words = set(drawn(estimators(), width).split())
    assert {"simulated", "preserving", "rank-preserving"} & words and {"simulated", "structural", "model", "Published"} <= words
    assert max(map(len, drawn(estimators(), width).splitlines())) <= width


def test_a_long_name_breaks_behind_its_underscores() -> None:
    made = table("score", "missing")
    made.add_row("ecpr_elso", "age, aortic_regurgitation_more_than_mild, prothrombin_activity_pct, rhythm, arrest_to_ecmo_min " * 2)
    lines = drawn(made, 40).splitlines()
    assert all(len(line.rstrip()) <= 40 for line in lines)
    pieces = [line.split()[-1] for line in lines if "regurgitation" in line or "prothrombin" in line]
    assert pieces and all(re.fullmatch(r"(\w+[,_]|\w+)", piece) for piece in pieces)


def test_a_table_with_room_is_as_wide_as_its_words() -> None:
    assert max(map(len, drawn(estimators(), 200).splitlines())) < 110


@given(
    st.lists(st.lists(st.text("ab_- ", max_size=40), min_size=3, max_size=3), min_size=1, max_size=4),
    st.integers(40, 120),
)
def test_nothing_is_lost(cells: list[list[str]], width: int) -> None:
    made = table("first", "second thing", "third", right=(2,))
    for row in cells:
        made.add_row(*(Text(cell) for cell in row[:2]), "12.5")
    shown = drawn(made, width)
    assert max(map(len, shown.splitlines())) <= width
    letters = sum(cell.count("a") for row in cells for cell in row[:2])
    assert shown.split("\n", 1)[1].count("a") + shown.split("\n", 1)[0].count("a") == letters
