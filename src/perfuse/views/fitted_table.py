"""A table that fits the terminal: words stay whole where there is room, long names break at their joints, nothing is cut off."""

import re
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Column, Table
from rich.text import Text

GAP = 3
"""Characters between two columns: a space of padding on either side of the separator."""
SHORT = 14
"""A column of so few characters keeps its lines whole before others are widened."""
LONG = 30
"""A name of more characters may break at its joints even where there is room."""
JOINT = re.compile(r"(?<=[_.,/\-])(?=\w)")
"""Where a long name may go on in the next line: behind an underscore, dot, comma, slash or hyphen."""


class FittedTable(Table):
    """A rich table whose widths are chosen so that no word is broken while another column has room to give."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose the widths for this terminal, then draw."""
        fit(self, console, options.max_width)
        yield from super().__rich_console__(console, options)


def fit(made: Table, console: Console, width: int) -> None:
    """Set the width of every column, in characters; a table that fits as it is stays as it is."""
    room = width - GAP * (len(made.columns) - 1)
    natural = [max(_longest(column, console, _line), _longest_head(column, console, _line)) for column in made.columns]
    if sum(natural) <= room:
        return
    least = [_least(column, console, _word) for column in made.columns]
    for i in sorted(range(len(least)), key=lambda i: -least[i]):
        if sum(least) <= room and least[i] <= LONG:
            break
        least[i] = _least(made.columns[i], console, _piece)
    if sum(least) > room:
        return
    widths = least
    for i in sorted(range(len(widths)), key=lambda i: natural[i]):
        if natural[i] <= SHORT and sum(widths) - widths[i] + natural[i] <= room:
            widths[i] = natural[i]
    lengths = [[_line(_text(cell, console)) for cell in (column.header, *column._cells)] for column in made.columns]
    need = [_need(lengths[i], widths[i]) for i in range(len(widths))]
    for _ in range(room - sum(widths)):
        widest = max(range(len(widths)), key=lambda i: need[i])
        if need[widest] <= 1.0:
            break
        widths[widest] += 1
        need[widest] = _need(lengths[widest], widths[widest])
    for column, chosen in zip(made.columns, widths, strict=True):
        column.width, column.no_wrap = chosen, False
        column._cells = [_broken(cell, console, chosen) for cell in column._cells]


def _least(column: Column, console: Console, of: Any) -> int:
    """The narrowest a column may become: numbers stay in one line, their heading may use several."""
    return max(1, _longest(column, console, _line if column.no_wrap else of), _longest_head(column, console, of))


def _need(lengths: list[int], width: int) -> float:
    """Lines that a cell of this column takes on average: the column that needs most is widened first."""
    return sum(max(1.0, length / width) for length in lengths) / len(lengths)


def _longest(column: Column, console: Console, of: Any) -> int:
    return max((of(_text(cell, console)) for cell in column._cells), default=0)


def _longest_head(column: Column, console: Console, of: Any) -> int:
    return int(of(_text(column.header, console)))


def _text(cell: Any, console: Console) -> str:
    return cell.plain if isinstance(cell, Text) else console.render_str(cell).plain if isinstance(cell, str) else str(cell)


def _line(words: str) -> int:
    return max((len(line) for line in words.split("\n")), default=0)


def _word(words: str) -> int:
    return max((len(word) for word in words.split()), default=0)


def _piece(words: str) -> int:
    return max((len(piece) for word in words.split() for piece in JOINT.split(word)), default=0)


def _broken(cell: Any, console: Console, width: int) -> Any:
    """The cell with its overlong names on several lines."""
    words = _text(cell, console)
    if _word(words) <= width:
        return cell
    lines = "\n".join(" ".join(_name(word, width) for word in line.split(" ")) for line in words.split("\n"))
    return Text(lines, cell.style if isinstance(cell, Text) else "")


def _name(word: str, width: int) -> str:
    """One name, broken at joints so that no part is longer than the width."""
    if len(word) <= width:
        return word
    lines = [""]
    for piece in JOINT.split(word):
        if lines[-1] and len(lines[-1]) + len(piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)
