"""The laboratory of EOLIA on the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from perfuse.views.screen import ending_with_the_safety_line, table

LEAD = (
    "EOLIA (2018): 44 of 124 died by day 60 with early ECMO, 57 of 125 without; 35 of the 125 had rescue ECMO. "
    "What follows is computed; it recommends nothing."
)


def screen(found: Mapping[str, Any], written: Sequence[Path]) -> None:
    """Design, estimators, replicates: what was asked for."""
    with ending_with_the_safety_line() as console:
        console.print(Text("The laboratory of EOLIA", style="bold"))
        console.print(Text(LEAD, style="dim"))
        if found["design"] is not None:
            design(console, found["design"])
        if found["estimators"]:
            estimators(console, found["estimators"], found["notes"], found["seed"])
        if found["replicates"]:
            replicates(console, found["replicates"])
        for path in written:
            console.print(Text(f"written: {path}"), soft_wrap=True)
        if not written:
            console.print(Text("\nNothing was written; --out FILE.html keeps a page, --out FOLDER the figures.", style="dim"))


def design(console: Console, data: Mapping[str, Any]) -> None:
    """Boundaries, the point, behaviour, the adjusted estimate."""
    about, trial = data["diagnostics"]["design"], data["diagnostics"]["trial"]
    console.print()
    console.print(Text("The sequential design", style="bold"))
    console.print(
        Text(
            f"Two triangles, looks every 60 patients: Z = ±({about['a']:.2f} + {about['c']:.3f} V) ends for benefit or harm, "
            f"±(-{about['a']:.2f} + {3 * about['c']:.3f} V) for no difference; they meet at V {about['apex_information']:.1f} "
            f"({about['patients_at_apex']:.0f} patients). Without looks {about['patients_without_looks']:.0f} patients would do."
        )
    )
    console.print(
        Text(
            f"EOLIA ended at Z {trial['Z']:.2f}, V {trial['V']:.2f}: benefit began at {trial['line_of_benefit']:.2f}, no difference at "
            f"{trial['line_of_no_difference']:.2f} or less. It stopped for {trial['stopped_for']}."
        )
    )
    behaviour(console, data["diagnostics"]["operating"])
    made = table("Risk ratio at 60 d", "estimate", "95 % interval", right=(1, 2))
    for one in data["estimates"]:
        made.add_row(one["label"].removeprefix("risk ratio at 60 d, "), f"{one['value']:.3f}", limits(one["low"], one["high"]))
    made.add_row("as printed", "0.76", "0.55 to 1.04")
    console.print()
    console.print(made)
    console.print(Text(data["diagnostics"]["explanation"]))
    for warning in data["warnings"]:
        console.print(Text(f"! {warning}", style="yellow"))


def behaviour(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """Operating characteristics."""
    heads = ("Simulated trials", "died, ECMO v none", "benefit", "no difference", "harm", "patients", "true RR", "crude RR")
    made = table(*heads, right=(1, 2, 3, 4, 5, 6, 7))
    most = max(len(row["stops"]) for row in rows)
    ended = table("Stopped at look", *(str(look) for look in range(1, most + 1)), right=tuple(range(1, most + 1)))
    for row in rows:
        made.add_row(
            row["name"],
            f"{100 * row['ecmo_risk']:.0f} v {100 * row['control_risk']:.0f} %",
            f"{100 * row['benefit']:.1f} %",
            f"{100 * row['no_difference']:.1f} %",
            f"{100 * row['harm']:.1f} %",
            f"{row['mean_size']:.0f}",
            f"{row['true_rr']:.3f}",
            f"{row['naive_rr']:.3f}",
        )
        ended.add_row(row["name"], *(f"{100 * share:.0f} %" for share in row["stops"]))
    for shown in (made, ended):
        console.print()
        console.print(shown)
    console.print(Text("RR: risk ratio of death. Crude: from the counts at the stop, as if there had been no looks.", style="dim"))


def estimators(console: Console, rows: Sequence[Mapping[str, Any]], notes: Sequence[str], seed: int) -> None:
    """One line per estimator, then what is published."""
    made = table(
        "Death by day 60, ECMO over none", "risk ratio", "95 % interval", "truth of the model", "90 % of simulated sets", right=(1, 2, 3, 4)
    )
    for kind, head in (("method", "Methods"), ("naive", "Naive"), ("published", "Published")):
        made.add_row(Text(head, style="bold"), "", "", "", "")
        for row in rows:
            if row["kind"] == kind:
                spread = row["spread"]
                fixed = spread and abs(spread[2] - spread[0]) < 1e-9
                made.add_row(
                    f"  {row['label']}",
                    "-" if row["rr"] is None else f"{row['rr']:.2f}",
                    limits(row["low"], row["high"]),
                    "" if row["truth"] is None else f"{row['truth']:.2f}",
                    "" if not spread else "from counts alone" if fixed else f"{spread[0]:.2f} to {spread[2]:.2f}",
                )
    console.print()
    console.print(Text(f"What each estimator says of EOLIA (individuals of seed {seed})", style="bold"))
    console.print(made)
    for note in notes:
        console.print(Text(f"! {note}", style="yellow"))


def replicates(console: Console, found: Mapping[str, Any]) -> None:
    """Bias and coverage by mechanism."""
    made = table("Mechanism, method", "truth", "mean", "bias of log risk ratio", "coverage", "no estimate", right=(1, 2, 3, 4, 5))
    for name in dict.fromkeys(line["mechanism"] for line in found["lines"]):
        made.add_row(Text(name, style="bold"), "", "", "", "", "")
        for line in found["lines"]:
            if line["mechanism"] == name:
                made.add_row(
                    f"  {method_words(line['method'])}",
                    f"{line['truth']:.2f}",
                    f"{line['mean']:.2f}",
                    f"{line['bias']:+.3f} ± {line['bias_error']:.3f}",
                    f"{100 * line['coverage']:.0f} ± {100 * line['coverage_error']:.0f} %",
                    str(line["failed"]),
                )
    console.print()
    share = f"{100 * found['crossover']:.0f} %"
    console.print(Text(f"{found['replicates']} trials per mechanism, {share} cross over, seed {found['seed']}", style="bold"))
    for words in found["mechanisms"]:
        console.print(Text(words, style="dim"))
    console.print()
    console.print(made)
    console.print(Text("Truth and mean are risk ratios; coverage: how often the 95 % interval holds the truth.", style="dim"))


def method_words(name: str) -> str:
    """What a method is called where people read."""
    from perfuse.evidence.eolia.methods import METHODS

    return METHODS[name].words if name in METHODS else name


def limits(low: float | None, high: float | None) -> str:
    """An interval in words; empty where there is none."""
    return "" if low is None or high is None else f"{low:.2f} to {high:.2f}"
