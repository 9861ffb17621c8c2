"""A meta-analysis on the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from perfuse.evidence.trials.meta import Meta
from perfuse.evidence.trials.two_arms import MEASURES
from perfuse.views.screen import ending_with_the_safety_line, table

MODELS = {
    "FE": "fixed, inverse variance", "MH": "fixed, Mantel-Haenszel", "Peto": "fixed, Peto", "DL": "random, DerSimonian-Laird",
    "REML": "random, REML", "PM": "random, Paule-Mandel",
}  # fmt: skip
TESTS = {"Egger": "Egger's", "Peters": "Peters'"}
INTERVALS = {"Wald": "normal", "HK": "Hartung-Knapp", "mHK": "modified Hartung-Knapp"}


def screen(meta: Meta, data: Mapping[str, Any], written: Sequence[Path]) -> None:
    """Studies, models, heterogeneity, who matters, warnings, files."""
    with ending_with_the_safety_line() as console:
        console.print(Text(f"{data['title']}: {MEASURES[meta.measure]} of {meta.k} studies", style="bold"))
        if data["note"]:
            console.print(Text(data["note"], style="dim"))
        console.print()
        made = table("Study", "arm 1", "arm 0", MEASURES[meta.measure], "weight", right=(1, 2, 3, 4))
        for row in data["studies"]:
            star = " *" if row["correction"] else ""
            weight = f"{row['weight']:.1f} %"
            made.add_row(row["study"] + star, f"{row['e1']}/{row['n1']}", f"{row['e0']}/{row['n0']}", _triple(meta, row), weight)
        console.print(made)
        console.print()
        made = table("", "Model", "interval", MEASURES[meta.measure], "P", "tau2", right=(3, 4, 5))
        for name, one in meta.pooled.items():
            sign = "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}" if name == meta.chosen else ""
            estimate, low, high = meta.triple(one)
            row = {"estimate": estimate, "low": low, "high": high}
            tau2 = f"{one.tau2:.4f}" if one.tau2 is not None else ""
            made.add_row(sign, MODELS[one.model], INTERVALS[one.interval], _triple(meta, row), f"{one.p:.3g}", tau2)
        console.print(made)
        console.print()
        for words in heterogeneity(data):
            console.print(Text(words))
        _others(console, meta, data)
        _looks(console, data["sequential"])
        _ending(console, data, written)


def _looks(console: Console, found: Mapping[str, Any] | None) -> None:
    if found is None:
        return
    made = table("Look", "patients", "share", "z", "boundary", right=(1, 2, 3, 4))
    for row in found["rows"]:
        bound = f"{row['boundary']:.3f}" if row["boundary"] is not None else "out of reach"
        share = f"{100 * row['fraction']:.0f} %"
        made.add_row(f"{row['study']} ({row['year']})", str(row["patients"]), share, f"{row['z']:.3f}", bound)
    console.print()
    console.print(made)
    way = f"reduction of {found['reduction']:.0%}" if found["reduction"] > 0.0 else f"increase of {-found['reduction']:.0%}"
    aim = f"a relative {way} from {found['control_risk']:.1%}, power {found['power']:.0%}, diversity {found['diversity']:.0%}"
    console.print(Text(f"Sequential, for {aim}: {found['verdict']} {found['caveat']}"))


def heterogeneity(data: Mapping[str, Any]) -> list[str]:
    """Q, I2, tau2 with their intervals, and prediction intervals, in sentences."""
    said = [
        f"Q {data['Q']:.2f} on {data['df']} df, P {data['Q_p']:.3g}; "
        f"I2 {data['I2']:.0f} % ({data['I2_low']:.0f} to {data['I2_high']:.0f}); "
        f"H2 {data['H2']:.2f}.",
        f"tau2: DL {data['tau2_DL']:.4f}, REML {data['tau2_REML']:.4f}, Paule-Mandel {data['tau2_PM']:.4f}; "
        f"Q-profile interval {data['tau2_low']:.4f} to {data['tau2_high']:.4f}.",
    ]
    if data["PI_REML"]:
        spans = "; ".join(f"{name} {_span(data[f'PI_{name}'])}" for name in ("DL", "REML", "PM"))
        said.append(f"Where a new study would lie (prediction interval, t with {data['k'] - 2} df): {spans}.")
    return said


def _others(console: Console, meta: Meta, data: Mapping[str, Any]) -> None:
    for key, head, first in (("leave_one_out", "Without", "without"), ("cumulative", "As studies came in", "up_to")):
        rows = data[key]
        if not rows or meta.k < 3:
            continue
        made = table(head, MEASURES[meta.measure], "P", right=(1, 2))
        for row in rows:
            year = f" ({row['year']})" if row.get("year") else ""
            made.add_row(f"{row[first]}{year}", _triple(meta, row), f"{row['p']:.3g}" if row["p"] is not None else "")
        console.print()
        console.print(made)
    if data["subgroups"]:
        made = table("Subgroup", "studies", MEASURES[meta.measure], "I2", right=(1, 2, 3))
        for row in data["subgroups"]["groups"]:
            made.add_row(row["subgroup"], str(row["studies"]), _triple(meta, row), f"{row['I2']:.0f} %")
        console.print()
        console.print(made)
        groups = data["subgroups"]
        if groups["p"] is not None:
            console.print(Text(f"Interaction: Q {groups['Q_between']:.2f} on {groups['df']} df, P {groups['p']:.3g}."))
    for test in data["asymmetry"]:
        console.print(Text(f"{TESTS[test['test']]} test of the funnel: slope {test['slope']:.3g}, P {test['p']:.3g}."))


def _ending(console: Console, data: Mapping[str, Any], written: Sequence[Path]) -> None:
    console.print()
    for warning in data["warnings"]:
        console.print(Text(f"! {warning}", style="yellow"))
    if data["published"]:
        console.print(Text(f"Published: {data['published']}."))
    for path in written:
        console.print(Text(f"written: {path}"), soft_wrap=True)


def _triple(meta: Meta, row: Mapping[str, Any]) -> str:
    if row["estimate"] is None:
        return "\N{EN DASH}"
    if meta.measure == "rd":
        return f"{100 * row['estimate']:.1f} ({100 * row['low']:.1f} to {100 * row['high']:.1f}) %"
    return f"{row['estimate']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def _span(pair: Sequence[float]) -> str:
    return f"{pair[0]:.3g} to {pair[1]:.3g}"


def proportions_screen(data: Mapping[str, Any], written: Sequence[Path]) -> None:
    """Cohorts with one arm."""
    with ending_with_the_safety_line() as console:
        console.print(Text(f"{data['title']}: proportion, {data['k']} cohorts", style="bold"))
        console.print(Text(data["note"], style="dim"))
        console.print()
        made = table("Study", "events/n", "%", right=(1, 2))
        for row in data["studies"]:
            made.add_row(row["study"], f"{row['events']}/{row['n']}", f"{100 * row['events'] / row['n']:.1f}")
        console.print(made)
        console.print()
        made = table("Model", "pooled %", right=(1,))
        names = {
            "FE": "logit, fixed", "REML": "logit, random (REML)", "HK_DL": "logit, random (DL), Hartung-Knapp", "FT": "Freeman-Tukey (DL)",
            "GLMM": "binomial-normal, one stage",
        }  # fmt: skip
        made.add_row("logit, random (DL)", _percent([data[name] for name in ("pooled", "ci_low", "ci_high")]))
        for name, words in names.items():
            if data.get(name):
                made.add_row(words, _percent(data[name]))
        made.add_row("all patients added up", f"{100 * data['crude']:.1f}")
        if data["prediction"]:
            made.add_row("where a new cohort would lie", f"{100 * data['prediction'][0]:.1f} to {100 * data['prediction'][1]:.1f}")
        console.print(made)
        console.print(
            Text(f"\nQ {data['Q']:.2f} on {data['df']} df, P {data['Q_p']:.3g}; I2 {data['I2']:.0f} %; tau2 (DL) {data['tau2']:.3f}.")
        )
        _ending(console, data, written)


def _percent(triple: Sequence[float]) -> str:
    return f"{100 * triple[0]:.1f} ({100 * triple[1]:.1f} to {100 * triple[2]:.1f})"
