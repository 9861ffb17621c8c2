"""What the first page offers, and the case that two choices make."""

from functools import cache
from pathlib import Path
from typing import Any

from perfuse.bedside.layout import EXTRA_UNITS
from perfuse.bedside.tables import plain
from perfuse.parameters.case_models import Case
from perfuse.parameters.circuits import default_devices, default_support
from perfuse.parameters.from_python import case_of
from perfuse.parameters.library import cases, load_patient
from perfuse.parameters.problems import InputError, Problem, did_you_mean
from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.parameters.vocabulary import vocabulary
from perfuse.parameters.yamlfile import read_file
from perfuse.results.live import LONGEST
from perfuse.views.console.tell import CLOCK
from perfuse.views.labels import label_of

HERE = Path(__file__).parent
NOTICE = "Simulation \N{EN DASH} not for clinical use"
EXTRA = {"minute_volume": "V\N{COMBINING DOT ABOVE}", "dP_per_flow": "dP/flow"}
"""Symbols of what the bedside derives beyond the vocabulary; one decimal, units as in the layout."""
DIGITS = (
    {
        "CVP": 0,
        "SvO2": 0,
        "S_pre": 0,
        "S_post": 0,
        "NIRS_brain_left": 0,
        "NIRS_brain_right": 0,
        "NIRS_leg_cannulated": 0,
        "NIRS_leg_other": 0,
        "MAP": 0,
    }
    | {
        name: 1
        for name in ("lvad_flow_shown", "rvad_flow_shown", "rvad_flow", "impella_flow", "pulsatile_left_flow", "pulsatile_right_flow")
    }
    | {"impella_motor_pulse": 0, "lvad_speed": 0, "rvad_speed": 0, "impella_speed": 0}
)
"""Decimals of a number that is read from afar, where they are fewer than in a report."""
LANGUAGES = {"en": "English", "de": "Deutsch"}


@cache
def _cards() -> dict[str, dict[str, dict[str, Any]]]:
    data, problems = read_file(HERE / "starts.yaml", "starts.yaml")
    problems.raise_if_any()
    return plain(data)  # type: ignore[no-any-return]


def words_of(language: str) -> dict[str, str] | None:
    """English to another language, from its file; None where there is none. English needs none."""
    return _words_in(language) if language in LANGUAGES else None


@cache
def _words_in(language: str) -> dict[str, str]:
    if language == "en":
        return {}
    data, problems = read_file(HERE / "words" / f"{language}.yaml", f"{language}.yaml")
    problems.raise_if_any()
    return {str(key): str(value) for key, value in data.items()}


@cache
def offers() -> dict[str, Any]:
    """What of the first page never changes."""
    named = vocabulary()
    quantities: dict[str, dict[str, Any]] = {}
    for name, entry in named.items():
        label = label_of(name)
        quantities[name] = {"unit": entry.unit, "digits": DIGITS.get(name, label.digits), "symbol": label.symbol, "words": label.words}
    for name, symbol in EXTRA.items():
        quantities[name] = {"unit": EXTRA_UNITS[name], "digits": 1, "symbol": symbol, "words": name.replace("_", " ")}

    def cards(kind: str) -> list[dict[str, Any]]:
        return [
            {"name": name, **{key: card[key] for key in ("title", "line", "picture")}, "first": bool(card.get("first"))}
            for name, card in _cards()[kind].items()
        ]

    return {
        "patients": cards("patients"),
        "supports": cards("supports"),
        "cases": [{"name": line.name, "title": line.text.split(". ")[0]} for line in cases()],
        "quantities": quantities,
        "languages": [{"code": code, "name": name} for code, name in LANGUAGES.items()],
        "notice": NOTICE,
        "safety": SAFETY_TEXT,
        "clock": CLOCK,
    }


def chosen_case(patient: str, support: str, seed: int = 1) -> tuple[str, Case]:
    """Title and case of a patient on a support (a name of the cards, or 'none'); InputError for names that are not offered."""
    people, machines = _cards()["patients"], _cards()["supports"]
    wrong = []
    if patient not in people:
        wrong.append(Problem("patient", f"'{patient[:40]}' is not offered", value=patient[:40], hint=did_you_mean(patient, people)))
    if support != "none" and support not in machines:
        wrong.append(Problem("support", f"'{support[:40]}' is not offered", value=support[:40], hint=did_you_mean(support, machines)))
    if wrong:
        raise InputError(wrong, "the first page")
    load_patient(patient)
    blocks: list[dict[str, Any]] = []
    for word in support.split("+") if support != "none" else []:
        changes = machines.get(word, {}).get("set", {})
        blocks += [{**block, **changes, "established": True} for block in default_devices(word) or [default_support(word)]]
    title = people[patient]["title"] + (f", {machines[support]['title']}" if support != "none" else "")
    ventilator = machines.get(support, {}).get("ventilator")
    case = case_of(patient, blocks or None, seconds=LONGEST, ventilator=ventilator, seed=seed, title=title, called="the first page")
    return title, case
