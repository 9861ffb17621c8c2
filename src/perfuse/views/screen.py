"""What every screen of the command line shares: a calm table, and the safety line at its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE
from perfuse.views.fitted_table import FittedTable


@contextmanager
def ending_with_the_safety_line() -> Iterator[Console]:
    """A console on standard output; the safety line comes last, also after a problem.

    Words of users and of papers are printed as they are: [bold] and :name: in them are no styles.
    """
    console = Console(highlight=False, soft_wrap=False, markup=False, emoji=False)
    try:
        yield console
    finally:
        console.print()
        console.print(Text(NOT_FOR_CLINICAL_USE, style="bold"))


def table(*heads: str, right: tuple[int, ...] = (), title: str = "") -> Table:
    """Columns under thin rules; those in `right` hold numbers."""
    made = FittedTable(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        title=title or None,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        pad_edge=False,
    )
    for i, head in enumerate(heads):
        made.add_column(head, justify="right" if i in right else "left", no_wrap=i in right, overflow="fold")
    return made
