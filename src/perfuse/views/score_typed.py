"""Inputs of a score as they are typed: options named by the inputs, with hyphens or underscores; a yes-or-no input may stand alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perfuse.evidence.scoring.inputs import understand
from perfuse.evidence.scoring.records import Score
from perfuse.parameters.problems import InputError, Problem, Problems, did_you_mean

WHERE = "the command line"


def options(record: Score, words: Sequence[str]) -> dict[str, Any]:
    """Inputs by name from words like --age 35 --nmb --mv_hours=24; every problem at once."""
    problems = Problems(WHERE)
    plain = {name.lower(): name for name in record.inputs}
    found: dict[str, Any] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("--") or word == "--":
            problems.add((), f"'{word}' stands alone", value=word, hint="Write each input as --name value, for example --age 35.")
            continue
        typed, equals, value = word[2:].partition("=")
        name = plain.get(typed.lower().replace("-", "_"))
        follows = bool(left) and not left[0].startswith("--")
        if name is None:
            hint = did_you_mean(typed.replace("-", "_"), record.inputs, f"`perfuse score {record.id}` shows its inputs.")
            problems.add((word.partition("=")[0],), f"{record.name} has no such input", value=typed, hint=hint)
            if follows and not equals:
                left.pop(0)
        elif name in found and record.inputs[name].type != "multi-enum":
            problems.add((f"--{typed}",), "given a second time", hint="Keep one of them.")
            if follows and not equals:
                left.pop(0)
        elif equals:
            found[name] = value
        elif record.inputs[name].type == "bool" and not (follows and _is_truth(left[0])):
            found[name] = True
        elif not follows:
            problems.add((f"--{typed}",), "a value is missing behind it", hint=f"Write --{typed} and a value.")
        else:
            value = left.pop(0)
            found[name] = f"{found[name]},{value}" if name in found else value
    if problems.found:
        raise InputError([*problems.found, *_of_the_values(record, found)], WHERE)
    return found


def _of_the_values(record: Score, found: dict[str, Any]) -> tuple[Problem, ...]:
    """What is wrong with the values that could be read, so that all problems are told at once."""
    try:
        understand(record, found)
    except InputError as error:
        return error.problems
    return ()


def _is_truth(word: str) -> bool:
    return word.lower() in ("yes", "no", "true", "false", "y", "n", "0", "1") or word.isalpha()


def refuse_mixtures(
    name: str,
    inputs: Sequence[str],
    *,
    list_: bool,
    table: Path | None,
    out: Path | None,
    case: str,
    at: str | None,
    seed: int | None,
) -> None:
    """Options that do not go together, and a name that was forgotten."""
    problems: list[Problem] = []
    if table is not None and (inputs or case or list_):
        problems.append(Problem("--table", "inputs come from the table, so nothing else can give them", hint="Leave the others away."))
    if table is not None and not name:
        problems.append(Problem("--table", "the score is not named", hint="Write perfuse score NAME --table FILE --out FILE."))
    if table is not None and out is None:
        problems.append(Problem("--out", "a scored table needs a file to be written to", hint="Add --out scores.csv or scores.parquet."))
    if table is None and out is not None:
        problems.append(Problem("--out", "a file is only written for a table", hint="Add --table, or take --json and redirect it."))
    if case and (inputs or list_):
        problems.append(Problem("--case", "inputs come from the simulated patient", hint="Leave the inputs away."))
    if not case and (at is not None or seed is not None):
        problems.append(Problem("--at" if at is not None else "--seed", "it belongs to a run", hint="Add --case NAME or a case file."))
    if problems:
        raise InputError(problems, WHERE)
