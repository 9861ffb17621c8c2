"""The list of analyses, and the one door to them."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from perfuse.evidence.analyses.options import Options, refuse_others
from perfuse.evidence.finding import Finding
from perfuse.evidence.progress import Progress
from perfuse.parameters.problems import InputError, Problem, did_you_mean

SOURCE = ("registry", "table", "runs", "seed", "where")
POINT = (*SOURCE, "columns", "outcome", "treatment", "horizon", "landmark")
SHARED = ("parts", "workers", "cluster")


@dataclass(frozen=True)
class Entry:
    """One analysis: what it answers, of which rows, where it lives, and the options it looks at."""

    name: str
    question: str
    rows: str
    where: str
    options: tuple[str, ...]


ENTRIES = (
    Entry(
        "survival", "How long does support last? (only where nothing competes)", "runs", "times.survival", (*SOURCE, "cause", "at", "group")
    ),
    Entry(
        "incidence",
        "How many are weaned, die, or are bridged by a day, while each competes?",
        "runs",
        "times.incidence",
        (*SOURCE, "cause", "at", "group", *SHARED),
    ),
    Entry(
        "fine-gray", "What moves the share that is weaned, while death competes?", "runs", "times.fine_gray", (*SOURCE, "cause", "columns")
    ),
    Entry("cox", "Does the hazard of death change once ECMO has begun?", "candidates", "treated.cox", (*SOURCE, "columns")),
    Entry(
        "matching",
        "How do treated fare beside untreated who were alike?",
        "candidates",
        "treated.matching",
        (*POINT, "caliper", "ratio", "replace", "exact", "order"),
    ),
    Entry(
        "weights",
        "How would all (or the treated) have fared with and without?",
        "candidates",
        "treated.weights",
        (*POINT, "estimand", "stabilised", "truncate", "resamples", *SHARED),
    ),
    Entry(
        "overlap", "How would those have fared for whom either was likely?", "candidates", "treated.overlap", (*POINT, "resamples", *SHARED)
    ),
    Entry(
        "e-value",
        "How strong must an unmeasured confounder be to explain an effect away?",
        "an effect",
        "treated.e_value",
        ("value", "low", "high", "measure", "rare"),
    ),
    Entry(
        "emulation",
        "What would a trial of ECMO within days of meeting criteria have shown?",
        "candidates",
        "treated.emulation",
        (*SOURCE, "columns", "horizon", "grace", "resamples", "workers", "cluster"),
    ),
    Entry(
        "volume",
        "How does mortality change with a centre's annual volume?",
        "runs",
        "between.volume",
        (*SOURCE, "columns", "outcome", "nodes", "knots", *SHARED),
    ),
    Entry(
        "funnel",
        "Which centres differ from what their case mix foretells, beyond chance?",
        "runs",
        "between.funnel",
        (*SOURCE, "columns", "outcome", "predicted"),
    ),
    Entry(
        "cusum",
        "When does one centre's mortality signal a change?",
        "runs",
        "between.cusum",
        (*SOURCE, "columns", "outcome", "predicted", "centre", "false_alarm"),
    ),
    Entry(
        "vlad",
        "How many more or fewer deaths than foretold has one centre had?",
        "runs",
        "between.vlad",
        (*SOURCE, "columns", "outcome", "predicted", "centre"),
    ),
    Entry(
        "calibration", "How right is a score or a prediction?", "runs", "between.calibration", (*SOURCE, "outcome", "score", "predicted")
    ),
)


def names() -> list[str]:
    """All analyses, in the order of the list."""
    return [entry.name for entry in ENTRIES]


def listed() -> list[dict[str, Any]]:
    """Name, question, rows and options of every analysis, as plain data."""
    return [{"name": one.name, "question": one.question, "rows": one.rows, "options": list(one.options)} for one in ENTRIES]


def analyse(name: str, options: Options | None = None, progress: Progress | None = None) -> Finding:
    """Run one analysis by name on the registry that the options name, or on the embedded synthetic one.

    Raises InputError with everything that is wrong: the name, options that this analysis does not use, columns that do not exist, values
    out of range. Random numbers come from `options.seed`; the same seed gives the same finding.
    """
    entry = next((one for one in ENTRIES if one.name == name), None)
    if entry is None:
        hint = did_you_mean(name, names(), "`perfuse registry analyse --list` shows them.")
        raise InputError(
            [Problem("NAME", f"'{name}' is not an analysis", value=name, allowed=", ".join(names()), hint=hint)], "the command line"
        )
    given = options or Options()
    refuse_others(name, given, entry.options)
    module, function = entry.where.split(".")
    found: Finding = getattr(import_module(f"perfuse.evidence.analyses.{module}"), function)(given, progress)
    return found
