"""Numbers, classes and outcomes of scores in words."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

OUTCOMES = {
    "hospital_survival_pct": "survived to hospital discharge",
    "survival_6mo_pct": "alive at 6 months",
    "icu_mortality_pct": "died in intensive care",
    "in_hospital_mortality_pct": "died in hospital",
    "mortality_30d_pct": "died within 30 days",
    "mortality_90d_derivation_pct": "died within 90 days (derivation)",
    "mortality_90d_validation_pct": "died within 90 days (validation)",
    "mortality_pct": "died",
    "rhf_pct": "had right heart failure",
    "odds_ratio": "odds ratio of the outcome",
}
UNITS = {"W": "W", "L_min": "L/min", "mL_min": "mL/min", "mL_dL": "mL/dL", "pct": "%"}
"""Units at the end of the name of an output."""
MINUS = "\N{MINUS SIGN}"


def number(value: Any) -> str:
    """A value as a person reads it: yes or no, four digits, a list with commas."""
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "none"
    if isinstance(value, int | float):
        return (f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}").replace("-", MINUS)
    return str(value)


def with_unit(value: Any, unit: str | None) -> str:
    """A value and its unit."""
    return number(value) if unit in (None, "fraction", "points") else f"{number(value)} {unit}"


def output_words(name: str, value: str) -> str:
    """ "do2_mL_min", "812" as "do2: 812 mL/min"."""
    ending = next((one for one in UNITS if name.endswith(f"_{one}")), "")
    bare = name.removesuffix(f"_{ending}") if ending else name
    return f"{bare.replace('_', ' ')}: {value}{f' {UNITS[ending]}' if ending else ''}"


def input_words(name: str, note: str = "") -> str:
    """What an input means: the note of the record, else the words of score_inputs.yaml, else those of the registry's schema."""
    return note or _input_words().get(name, "")


@cache
def _input_words() -> dict[str, str]:
    from perfuse.evidence.registry.schema import tables
    from perfuse.parameters.yamlfile import read_file

    own, problems = read_file(Path(__file__).with_name("score_inputs.yaml"), "score_inputs.yaml")
    problems.raise_if_any()
    of_registry = {column.name: column.about for one in tables().values() for column in one.columns.values()}
    return of_registry | {str(name): str(words) for name, words in own.items()}


def span(low: Any, high: Any) -> str:
    """A range; without a high end, "or more"."""
    return f"{number(low)} or more" if high is None else f"{number(low)} to {number(high)}"


def outcome_words(outcome: Mapping[str, Any]) -> str:
    """What was published for a class."""
    parts = []
    for name, value in outcome.items():
        words = OUTCOMES.get(name, name.replace("_", " "))
        known = "not found" if value is None else f"{number(value)}{' %' if name.endswith('_pct') else ''}"
        parts.append(f"{words} {known}" if name == "odds_ratio" or value is None else f"{known} {words}")
    return "; ".join(parts)


def cohort_words(cohort: Mapping[str, Any] | None) -> str:
    """Who, how many, when, how well told apart, each with its mark."""
    if not cohort:
        return ""
    parts = [cohort["who"]]
    parts += [f"n = {cohort['n']}"] if cohort["n"] else []
    parts += [f"{cohort['era']} ({cohort['era_mark']})"] if cohort["era"] else []
    parts += [cohort[key] for key in ("overall", "discrimination") if cohort[key]]
    return f"{'; '.join(part for part in parts if part)} [{cohort['mark']}]"


def external_words(one: Mapping[str, Any]) -> str:
    """A later result."""
    n = f", n = {one['n']}" if one["n"] else ""
    classes = "; ".join(f"{label}: {number(value)} %" for label, value in one["by_class"].items())
    rest = f" ({OUTCOMES.get(one['outcome'], one['outcome'])}: {classes})" if classes else ""
    return f"{one['who']}{n}: {one['result']}{rest} [{one['source']}; {one['mark']}]"


def labels(found: Sequence[Any]) -> str:
    """Classes that remain possible."""
    return ", ".join("none" if one is None else str(one) for one in found)
