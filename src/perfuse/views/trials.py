"""The commands `perfuse trial` and `perfuse bridge`: what they play, what they write, what they show."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from perfuse.parameters.problems import InputError, Problem
from perfuse.parameters.protocols import Protocol, load_protocol, protocol_names
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.views import trial_shown
from perfuse.views.trial_words import support_words

Answer = tuple[Any, bool, Callable[[], None]]
"""Data for JSON, whether every run ended as asked, and the screen."""
QUESTIONS = {"recovery": "Recovery", "durable-lvad": "Durable LVAD", "transplant": "Transplant"}
LEAD = "Facts of a model beside published thresholds, for three questions. Nothing here recommends a way."


def listed() -> Answer:
    """The shipped trials."""
    lines = trial_shown.listed()
    return {"safety": SAFETY_TEXT, "trials": lines}, True, lambda: trial_shown.protocols_screen(lines)


def played(name: str, case: Any, out: Path | None, command: str) -> Answer:
    """One trial on one case."""
    from perfuse.results.store import refuse_unless_ours, write_runs
    from perfuse.views.progress import watched

    if not name or case is None:
        text = "a trial needs its name and a case" if not name else f"'{name}' needs a case to be played on"
        hint = f"Write for example: perfuse trial va-turn-down va-scai-d. Trials: {', '.join(protocol_names())}."
        raise InputError([Problem("", text, hint=hint)], "the command line")
    protocol = load_protocol(name)
    if out is not None:
        refuse_unless_ours(out)
    from perfuse.results.protocols import play_protocol, refuse_unfit

    refuse_unfit(case, protocol)
    with watched(f"{protocol.title}: {case.title}", simulates=True) as progress:
        trial = play_protocol(case, protocol, progress=progress)
    summary, support = trial.summary(), support_words(trial.run.support, trial.case.devices)
    written: list[Path] = []
    if out is not None:
        from perfuse.views.trial_page import trial_html

        runs = {"": trial.run} | ({"without": trial.against.run} if trial.against is not None else {})
        written = write_runs(runs, out, summary, {"report.html": trial_html(trial, command)})
    return summary, bool(summary["status"]["ok"]), lambda: trial_shown.one(summary, support, written)


def bridged(case: Any, out: Path | None, command: str) -> Answer:
    """The questions of a bridge on one case."""
    from perfuse.results.store import refuse_unless_ours, write_runs
    from perfuse.views.progress import watched

    if case.support is not None and case.support.mode == "vv" and not case.devices:
        text = "the case's support carries the lungs (VV), and these questions are about the heart"
        raise InputError([Problem("support", text, hint="'perfuse trial vv-sweep-off' reads a VV circuit.")], case.title)
    if out is not None:
        refuse_unless_ours(out)
    from perfuse.results.protocols import play_protocol
    from perfuse.results.simulate import prepare
    from perfuse.results.trial import Trial

    questions: dict[str, Protocol] = {name: load_protocol(name, "bridges") for name in QUESTIONS}
    trials: dict[str, Trial] = {}
    left_out: list[str] = []
    with watched(f"bridge: {case.title}", simulates=True) as progress:
        ready = prepare(case)
        for i, (name, protocol) in enumerate(questions.items()):
            try:
                trials[name] = play_protocol(case, protocol, prepared=ready)
            except InputError as error:
                left_out.append(f"{protocol.title} Cannot be played: {error.problems[0].text}.")
            progress(i + 1, len(questions))
    summaries = {name: trial.summary() for name, trial in trials.items()}
    first = next(iter(summaries.values()))
    whole = {
        "schema": "perfuse-bridge/1",
        **{key: first[key] for key in ("perfuse", "physics_hash", "parameter_hash", "seed")},
        "safety": SAFETY_TEXT,
        "title": f"Bridge questions: {case.title}",
        "patient": first["patient"],
        "left_out": left_out,
        "questions": summaries,
    }
    written: list[Path] = []
    if out is not None:
        from perfuse.views.trial_page import bridge_html

        written = write_runs({n: t.run for n, t in trials.items()}, out, whole, {"report.html": bridge_html(whole, trials, command)})
    parts = [(summary, support_words(trials[name].run.support)) for name, summary in summaries.items()]
    ok = all(bool(summary["status"]["ok"]) for summary in summaries.values())
    return whole, ok, lambda: trial_shown.several(whole["title"], LEAD, parts, left_out, written)
