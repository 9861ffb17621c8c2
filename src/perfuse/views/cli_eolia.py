"""The command `perfuse evidence eolia` as it is typed."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from perfuse.views.answering import Json, answered, typed


def eolia(
    *,
    seed: int = 1,
    replicates: int = 100,
    crossover: float = 0.28,
    design: Annotated[bool, Parameter(negative=())] = False,
    crossover_methods: Annotated[bool, Parameter(negative=())] = False,
    out: Path | None = None,
    json: Json = False,
) -> int:
    """The laboratory of EOLIA: its sequential design and early stop, and nine ways to read a trial in which 28 % crossed over.

    Parameters
    ----------
    seed
        Of all simulations; the same seed gives the same numbers.
    replicates
        Simulated trials per mechanism of crossover, on which the methods are tried; 0 leaves that out.
    crossover
        Share of controls who cross over in those trials (0 to 0.9; EOLIA had 0.28).
    design
        Only the sequential design.
    crossover_methods
        Only the crossover.
    out
        FILE.html for one page, or a folder for the figures (SVG).
    json
        Print everything as JSON instead of tables.
    """
    from perfuse.views import eolia_lab
    from perfuse.views.progress import watched

    words = typed("evidence eolia", seed=seed, replicates=replicates, crossover=crossover, out=out)
    words += " --design" if design else " --crossover-methods" if crossover_methods else ""
    asked = eolia_lab.Asked(seed, replicates, crossover, design, crossover_methods, out, words)
    eolia_lab.checked(asked)
    with watched("the laboratory of EOLIA", at_once=True) as progress:
        found = eolia_lab.laboratory(asked, progress)
    return answered(found, json)
