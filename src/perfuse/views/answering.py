"""What commands share: the case that is meant, the words that would play it again, JSON or a screen, exit codes."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from perfuse.parameters.json_text import json_text
from perfuse.parameters.problems import LONGEST, InputError, Problem, told
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE

OK, NOT_MET, WRONG_INPUT = 0, 1, 2
"""Exit codes: done; the run diverged or a row fails; what was given cannot be used. A command that is stopped: views/mishaps.py."""

Json = Annotated[bool, Parameter(name="--json", negative=())]


def given_case(case: str, seed: int | None) -> Any:
    """The case of a file or a name, with another seed where one is given."""
    from perfuse.parameters.library import load_case

    if Path(case).is_dir():
        raise InputError([Problem("", "this is a folder, and a case is a file", hint="Name the case file inside it.")], case)
    found = load_case(case)
    if seed is None:
        return found
    refuse_no_seed(seed)
    return found.model_copy(update={"seed": seed})


def refuse_endless_numbers(words: Sequence[str]) -> None:
    """InputError for whole numbers (0xfff...) with more digits than any option takes, which Python reads and cannot write."""
    import re

    endless = [word for word in words if re.search(rf"(^|=)[-+]?0[xob][0-9a-f_]{{{LONGEST},}}$", word, re.IGNORECASE)]
    if endless:
        allowed, hint = f"at most {LONGEST} digits", "Write a number that can be measured."
        problems = [
            Problem("", f"{told(word)} is longer than any number that is read", value=word, allowed=allowed, hint=hint) for word in endless
        ]
        raise InputError(problems, "the command line")


def refuse_no_seed(seed: int) -> None:
    """InputError for a number that is no seed."""
    if not 0 <= seed <= 2**32 - 1:
        text = f"{told(seed)} is not a seed"
        raise InputError([Problem("--seed", text, value=told(seed), allowed="0 to 4294967295")], "the command line")


def typed(name: str, case: str = "", out: Path | None = None, seed: int | None = None, support: str = "", **rest: object) -> str:
    """What to type to have this again."""
    from shlex import quote

    options = {"support": support or None, "seed": seed, "out": out, **rest}
    words = ["perfuse", *name.split(), *([case] if case else [])]
    for key, value in options.items():
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            words += [f"--{key}", str(one)]
    return " ".join(quote(word) for word in words)


def answered(found: tuple[Any, bool, Callable[[], None]], json: bool) -> int:
    """What a command found: data, whether all of it ended as asked, and how it looks on a screen."""
    data, ok, screen = found
    answer(data, json, screen)
    return OK if ok else NOT_MET


def answer(data: Any, json: bool, screen: Callable[[], None]) -> None:
    """JSON alone on standard output, or a screen; the safety line ends both (on standard error beside JSON)."""
    if json:
        sys.stdout.write(json_text(data, indent=1) + "\n")
        sys.stderr.write(f"{NOT_FOR_CLINICAL_USE}\n")
    else:
        screen()
