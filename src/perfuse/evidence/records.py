"""Results of scenarios as printed: the same keys as the rows of the published table."""

from collections.abc import Callable
from typing import Any

from perfuse.evidence.readings import Arm
from perfuse.evidence.scenario_files import Scenario, Sign, Stay, Unread, explanations
from perfuse.evidence.signs import Reader, in_band, moved


def _record(scenario: Scenario, name: str, status: str, **words: Any) -> dict[str, Any]:
    blank = {"quantity": name, "simulated": "", "published": "", "tolerance": "", "source": "", "note": "", "checks": []}
    setup = f"{scenario.title}: " + "; ".join(event.what or "protocol entries" for event in scenario.events)
    if status in ("fail", "refused") and (why := explanations().get(f"{scenario.id}:{name}")):
        words["note"] = " ".join(part for part in (words.get("note", ""), why) if part)
    return {"id": f"{scenario.id}:{name}", "area": scenario.id, "kind": "result", "status": status, "setup": setup, **blank, **words}


def base(scenario: Scenario, reached: list[str], missed: list[str]) -> dict[str, Any]:
    """How well the fitted patient meets the stated values before the event."""
    return _record(
        scenario,
        "base",
        "refused" if missed else "pass",
        quantity="values before the event",
        simulated=", ".join(reached),
        published="in brackets",
        tolerance="10 % or 2 mmHg",
        source=f"patient {scenario.patient}",
        note="missed: " + "; ".join(missed) if missed else "",
    )


def _all(scenario: Scenario, reader: Reader, status: str, note: str) -> list[dict[str, Any]]:
    signs = [_blank_sign(scenario, sign, reader, status, note) for sign in scenario.signs]
    stays = [_blank_stay(scenario, item, reader, status, note) for item in scenario.stays]
    return [*signs, *stays]


def name_of(scenario: Scenario, item: Sign) -> str:
    """What a sign is called: its quantity, and its time where several signs are about that quantity."""
    return item.q if sum(other.q == item.q for other in scenario.signs) == 1 else f"{item.q}@{item.t:g}"


def _blank_sign(scenario: Scenario, item: Sign, reader: Reader, status: str, note: str) -> dict[str, Any]:
    absent = reader.absent(item.seen)
    return _record(
        scenario, name_of(scenario, item), "not_expressible" if absent else status, **_expected(item, reader), note=absent or note
    )


def _blank_stay(scenario: Scenario, item: Stay, reader: Reader, status: str, note: str) -> dict[str, Any]:
    absent = reader.absent(item.q)
    return _record(scenario, f"stays:{item.q}", "not_expressible" if absent else status, **_stays(item, reader), note=absent or note)


def refused(scenario: Scenario, reader: Reader, note: str) -> list[dict[str, Any]]:
    """Every sign of a scenario that is not played."""
    return _all(scenario, reader, "refused", f"not played: {note}")


def beyond(scenario: Scenario, reader: Reader, note: str) -> list[dict[str, Any]]:
    """Every sign of a scenario that this model cannot express."""
    return _all(scenario, reader, "not_expressible", note)


def unread(item: Unread) -> dict[str, Any]:
    """A scenario that is not of the form that can be played."""
    blank = {"quantity": "", "simulated": "", "published": "", "tolerance": "", "source": "", "checks": []}
    words = {"id": f"{item.id}:form", "area": item.id, "kind": "result", "status": "not_expressible", "setup": item.title}
    return {**words, **blank, "note": item.why if item.signless else f"not of the form that can be played: {item.why}"}


def failed(scenario: Scenario, reader: Reader, note: str) -> list[dict[str, Any]]:
    """Every sign of a scenario whose run broke off."""
    return _all(scenario, reader, "fail", f"could not be run: {note}")


def _expected(item: Sign, reader: Reader) -> dict[str, str]:
    band = f", {item.band[0]:g} to {item.band[1]:g} {reader.unit(item.q)}" if item.band else ""
    start = f" from {item.base:g}" if item.base is not None else ""
    return {"published": f"{item.dir}{start}{band} at {item.t:g} s", "tolerance": "direction and band", "source": item.by}


def _stays(item: Stay, reader: Reader) -> dict[str, str]:
    wide = "no tolerance stated" if item.tol is None else f"within {item.tol:g} {_unit(item, reader)}"
    return {"published": "stays", "tolerance": wide, "source": "discriminator of the scenario"}


def _unit(item: Stay, reader: Reader) -> str:
    """The unit of a tolerance: that of the quantity, or per cent of the value before the event."""
    return "%" if item.tol_unit == "%" else reader.unit(item.q)


def _checked(work: Callable[[], dict[str, Any]], broken: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    try:
        return work()
    except Exception as problem:  # one sign that cannot be read hides no other
        return broken(f"{type(problem).__name__}: {problem}")


def sign(scenario: Scenario, item: Sign, arm: Arm, at: float, base_at: float, reader: Reader) -> dict[str, Any]:
    """One sign: the value at its time, the direction against the value before the event, the band."""
    if reader.absent(item.seen):
        return _blank_sign(scenario, item, reader, "not_expressible", "")

    def work() -> dict[str, Any]:
        value = reader.value(item.seen, arm, at, base_at)
        start = _start(reader, item, arm, base_at)
        goes, inside = reader.goes(item, start, value), in_band(item, value, reader.grain(item.seen))
        low, high = item.band if item.band else (None, None)
        check = {"label": item.q, "value": value, "unit": reader.unit(item.q), "low": low, "high": high, "ok": goes and inside, "note": ""}
        why = [] if goes else [f"does not go {item.dir}"]
        why += [] if inside else ["outside the band"]
        return _record(
            scenario,
            name_of(scenario, item),
            "pass" if goes and inside else "fail",
            **_expected(item, reader),
            simulated=f"{start:.4g} to {value:.4g} {reader.unit(item.q)}",
            note="; ".join([*why, item.note] if item.note else why),
            checks=[check] if item.band else [],
        )

    return _checked(work, lambda words: _blank_sign(scenario, item, reader, "fail", words))


def _start(reader: Reader, item: Sign, arm: Arm, base_at: float) -> float:
    """The value before the event; a quantity that has none yet starts from its stated base, or from 0."""
    if item.from_base:
        return item.base if item.base is not None else 0.0
    try:
        return reader.value(item.seen, arm, base_at, base_at)
    except LookupError:
        return item.base if item.base is not None else 0.0


def stay(scenario: Scenario, item: Stay, arm: Arm, times: list[float], base_at: float, reader: Reader) -> dict[str, Any]:
    """One quantity that must stay: its largest move at the times of the signs."""
    if reader.absent(item.q):
        return _blank_stay(scenario, item, reader, "not_expressible", "")
    if item.tol is None:
        return _blank_stay(scenario, item, reader, "not_expressible", f"no tolerance is stated. {item.note}".strip())
    tolerance = item.tol

    def work() -> dict[str, Any]:
        most = moved(reader, item, arm, base_at, times)
        ok = most <= tolerance + 1e-9
        check = {
            "label": f"{item.q} stays",
            "value": most,
            "unit": _unit(item, reader),
            "low": None,
            "high": tolerance,
            "ok": ok,
            "note": "",
        }
        return _record(
            scenario,
            f"stays:{item.q}",
            "pass" if ok else "fail",
            **_stays(item, reader),
            simulated=f"moves by {most:.3g} {_unit(item, reader)}",
            note=item.note,
            checks=[check] if tolerance > 0 else [],
        )

    return _checked(work, lambda words: _blank_stay(scenario, item, reader, "fail", words))
