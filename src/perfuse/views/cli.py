"""The command line. Each command is short: it reads, calls one function of another room, and shows what came back."""

import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter

from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT
from perfuse.views import cli_console, cli_evidence, cli_registry, cli_score, cli_trials
from perfuse.views.answering import NOT_MET, OK, Json, answer, given_case, refuse_endless_numbers, typed


def _version() -> str:
    from perfuse.version import VERSION

    return f"perfuse {VERSION} \N{EN DASH} {NOT_FOR_CLINICAL_USE}"


app = App(
    name="perfuse",
    help="Simulate a patient on mechanical circulatory support, from a case file to a report.",
    help_epilogue=f"{SAFETY_TEXT}\n\n{NOT_FOR_CLINICAL_USE}",
    version=_version,
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
)


@app.command
def run(case: str, /, *, out: Path | None = None, json: Json = False, seed: int | None = None) -> int:
    """Run a case and show the patient before support and at the end.

    Parameters
    ----------
    case
        A case file, or the name of a shipped case (`perfuse cases` lists them).
    out
        Folder for summary.json, trends.parquet, waveforms.parquet and report.html; nothing is written without it.
    json
        Print the summary as JSON instead of tables.
    seed
        Replaces the seed of the case.
    """
    from perfuse.results.store import refuse_unless_ours, write_run
    from perfuse.views import runs_shown
    from perfuse.views.progress import watched

    given = given_case(case, seed)
    if out is not None:
        refuse_unless_ours(out)
    from perfuse.results.simulate import run_case

    with watched(given.title, simulates=True) as progress:
        result = run_case(given, progress=progress)
    written: list[Path] = []
    if out is not None:
        from perfuse.views.report import report_html

        written = write_run(result, out, {"report.html": report_html(result, typed("run", case, out, seed))})
    summary = result.summary()
    answer(summary, json, lambda: runs_shown.one(summary, written))
    return OK if summary["status"]["ok"] else NOT_MET


@app.command
def compare(case: str, /, *, support: str | None = None, out: Path | None = None, json: Json = False, seed: int | None = None) -> int:
    """Run one patient on several supports: one table, and loops over each other in the report.

    Parameters
    ----------
    case
        A case file, or the name of a shipped case.
    support
        Supports separated by commas, for example none,va,va+impella; a plus joins those that run together. Without it those that the case
        names under `compare`.
    out
        Folder for one summary.json, a report.html, and the tables of each run.
    json
        Print the summaries as JSON instead of a table.
    seed
        Replaces the seed of the case.
    """
    from perfuse.results.store import refuse_unless_ours, write_runs
    from perfuse.views import comparison, runs_shown
    from perfuse.views.progress import watched

    given = given_case(case, seed)
    names = comparison.supports(",".join(given.compare) if support is None else support)
    if out is not None:
        refuse_unless_ours(out)
    from perfuse.results.compared import compare as simulate_all

    with watched(given.title, simulates=True) as progress:
        results = dict(zip(names, simulate_all(given, names, progress=progress), strict=True))
    summary = comparison.summary(given.title, results)
    written: list[Path] = []
    if out is not None:
        page = comparison.comparison_html(summary, results, typed("compare", case, out, seed, support or ""))
        written = write_runs(results, out, summary, {"report.html": page})
    answer(summary, json, lambda: runs_shown.several(summary, written, comparison.MAIN))
    return OK if all(one["status"]["ok"] for one in summary["runs"].values()) else NOT_MET


@app.command
def sweep(
    case: str,
    /,
    *,
    settings: Annotated[list[str], Parameter(name="--set", negative=())],
    quantity: str | None = None,
    minutes: str = "10",
    out: Path | None = None,
    json: Json = False,
    seed: int | None = None,
) -> int:
    """Put one patient on many values of one or two settings: a table, curves, or maps.

    The case is played once, as it is written, up to the end of its own protocol (without one, until support runs).
    From that moment each value holds, and its last minute is averaged.

    Parameters
    ----------
    case
        A case file, or the name of a shipped case.
    settings
        NAME=LOW:HIGH:STEP or NAME=A,B,C, for example pump.rpm=2000:4500:250 or gas.sweep=1,2,4. NAME is a control, or patient.NAME.
        A number alone is in the control's unit; a unit behind the last number holds for all. Give --set twice for a grid.
    quantity
        Names of the quantities to show, separated by commas; without it the main ones.
    minutes
        How long each value is held before it is read.
    out
        Folder for sweep.parquet (every quantity), summary.json and report.html; nothing is written without it.
    json
        Print the summary as JSON instead of a table.
    seed
        Replaces the seed of the case.
    """
    from perfuse.parameters.problems import Problems
    from perfuse.parameters.swept import axes_of, settings_of
    from perfuse.results.store import refuse_unless_ours, write_tables
    from perfuse.views import sweep_shown
    from perfuse.views.progress import watched

    given = given_case(case, seed)
    problems = Problems("the command line")
    axes = axes_of(settings_of(settings, problems), problems, "--set ")
    names = sweep_shown.chosen(quantity, problems)
    if out is not None:
        refuse_unless_ours(out)
    from perfuse.results.sweep import planned, run_sweep

    plan = planned(given, axes, minutes, problems, "--set ")
    with watched(given.title, simulates=True) as progress:
        found = run_sweep(plan, progress=progress)
    summary = found.summary()
    written: list[Path] = []
    if out is not None:
        from perfuse.views.sweep_page import sweep_html

        command = typed("sweep", case, out, seed, set=settings, quantity=quantity, minutes=minutes)
        written = write_tables(
            [("sweep.parquet", found.table, summary)], out, summary, {"report.html": sweep_html(summary, names, command)}
        )
    answer(summary, json, lambda: sweep_shown.screen(summary, names, written))
    return OK if summary["status"]["ok"] else NOT_MET


@app.command
def patients(*, json: Json = False) -> int:
    """List the patients of the library.

    Parameters
    ----------
    json
        Print JSON instead of a table.
    """
    from perfuse.parameters.library import patients as found

    return _list("patients", found(), json)


@app.command
def devices(*, json: Json = False) -> int:
    """List the pumps, cannulae, membrane lungs and tubing of the library.

    Parameters
    ----------
    json
        Print JSON instead of a table.
    """
    from perfuse.parameters.library import devices as found

    return _list("devices", found(), json)


@app.command
def cases(*, json: Json = False) -> int:
    """List the shipped cases.

    Parameters
    ----------
    json
        Print JSON instead of a table.
    """
    from perfuse.parameters.library import cases as found

    return _list("cases", found(), json)


@app.command
def show(name: str, /, *, json: Json = False) -> int:
    """Explain one patient, device or case: every number with its unit, source and mark.

    Parameters
    ----------
    name
        A name from `perfuse patients`, `perfuse devices` or `perfuse cases`.
    json
        Print JSON instead of a table.
    """
    from perfuse.views import library_shown

    found = library_shown.explain(name)
    answer({"safety": SAFETY_TEXT, **found}, json, lambda: library_shown.screen(found))
    return OK


@app.command
def validate(*, json: Json = False, scenarios: Path | None = None, area: str | None = None, out: Path | None = None) -> int:
    """Put the simulator beside published numbers; exit code 1 if a row that counts fails.

    Parameters
    ----------
    json
        Print the rows as a JSON list.
    scenarios
        Play a file of scenarios with expected signs instead of the published table.
    area
        Only the rows of one area (A, A-SCAI, B, C, ...).
    out
        Write a page with tables and figures to this file.
    """
    from perfuse.evidence.validate import exit_code
    from perfuse.results.store import write_text_whole
    from perfuse.views import evidence_shown
    from perfuse.views.progress import watched

    with watched("putting the simulator beside published numbers", at_once=True) as progress:
        rows = evidence_shown.rows(scenarios, area, progress)
    if out is not None:
        from perfuse.views.evidence_page import evidence_html

        write_text_whole(evidence_html(rows, typed("validate", out=out, area=area, scenarios=scenarios)), out)
    answer(rows, json, lambda: evidence_shown.screen(rows, out))
    return exit_code(rows)


@app.command
def bench(*, json: Json = False, console: Annotated[bool, Parameter(negative=())] = False, minutes: float = 1.0) -> int:
    """Measure speed and memory of the engine on this machine, beside scipy's solver on the same equations; or the console.

    Parameters
    ----------
    console
        Measure the bedside console instead: its server, and its page in headless Chromium.
    minutes
        How long the page is left open to look for drift, leaks and lost beats (with --console).
    json
        Print JSON instead of a table.
    """
    from perfuse.views import bench_shown
    from perfuse.views.progress import watched

    if console:
        from perfuse.views.console.bench import bench as measure_console

        with watched("measuring the console", at_once=True) as progress:
            found = measure_console(minutes, progress)
    else:
        from perfuse.engine.bench import bench as measure

        with watched("measuring the engine", at_once=True) as progress:
            found = measure(progress=progress)
    answer({"safety": SAFETY_TEXT, **found}, json, lambda: bench_shown.screen(found))
    return OK


@app.command
def schema(*, out: Path | None = None) -> int:
    """Print the JSON Schema of a case file, for editors.

    Parameters
    ----------
    out
        Write it to this file instead.
    """
    from perfuse.parameters.json_text import json_text
    from perfuse.parameters.schema import case_schema

    text = json_text(case_schema(), indent=1) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        from perfuse.results.store import write_text_whole

        write_text_whole(text, out)
        sys.stdout.write(f"written: {out}\n")
    sys.stderr.write(f"{NOT_FOR_CLINICAL_USE}\n")
    return OK


app.command(cli_console.console)
app.command(cli_trials.trial)
app.command(cli_trials.bridge)
app.command(cli_score.score)
app.command(cli_evidence.evidence)
app.command(cli_registry.registry)


def _list(kind: str, lines: Any, json: bool) -> int:
    from perfuse.views import library_shown

    found = [{"name": line.name, "text": line.text, "source": line.source, "kind": line.kind} for line in lines]
    answer({"safety": SAFETY_TEXT, kind: found}, json, lambda: library_shown.lines(kind, found))
    return OK


def main(words: list[str] | None = None) -> None:
    """The entry point: runs a command and turns what went wrong into sentences and an exit code."""
    from perfuse.views.mishaps import guarded

    given = sys.argv[1:] if words is None else words
    sys.exit(guarded(lambda: _called(given), as_json="--json" in given))


def _called(words: list[str]) -> int:
    if sorted(words) == ["--verbose", "--version"]:
        from perfuse.engine.kernel import build_words, physics_hash

        sys.stdout.write(f"kernel: {build_words()}\nphysics: {physics_hash()}\n{_version()}\n")
        return OK
    refuse_endless_numbers(words)
    try:
        code = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        from perfuse.views.mishaps import mistyped

        return mistyped(error, as_json="--json" in words)
    return code if isinstance(code, int) else OK
