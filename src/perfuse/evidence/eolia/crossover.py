"""What each method says about EOLIA, on individuals with exactly the published margins."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from perfuse.evidence.eolia.estimators import Answer, treatment_failure
from perfuse.evidence.eolia.margins import eolia_individuals
from perfuse.evidence.eolia.methods import METHODS, Method
from perfuse.evidence.eolia.patients import ENDPOINT, MECHANISMS, Mechanism, Trial, Truth, truth
from perfuse.evidence.eolia.published import INTERVALS, NOT_KNOWN, PRINTED
from perfuse.evidence.eolia.rpsft import GRID, g_estimate
from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.survival.aalen_johansen import aalen_johansen, log_log_interval

SIMULATED = (
    "Individuals are simulated: the counts are EOLIA's, but who died when, severity, deterioration and the days of crossover are the "
    "model's. Only intention to treat, per protocol, ever-treated and the extremes follow from the published counts alone."
)


def crossover_findings(seed: int = 1, how: Mechanism | None = None, draws: int = 40) -> list[Finding]:
    """One Finding per method, on one set of individuals; `spread` in diagnostics is over `draws` sets with the same margins."""
    how = how or MECHANISMS["deterioration"]
    trials = [eolia_individuals(seed + i, how) for i in range(draws)]
    known = truth(how)
    return [_finding(method, trials, known, seed) for method in METHODS.values()]


def _finding(method: Method, trials: list[Trial], known: Truth, seed: int) -> Finding:
    trial = trials[0]
    answer = method.answer(trial)
    spread = [method.answer(one).rr for one in trials]
    finite = [one for one in spread if np.isfinite(one)]
    true = known.rr_policy if method.policy else known.rr
    estimates: tuple[Estimate, ...] = ()
    if np.isfinite(answer.rr):
        estimates = (
            Estimate(
                f"risk ratio of death by day {ENDPOINT}, {method.words}",
                answer.rr,
                answer.low,
                answer.high,
                role="naive" if method.naive else "method",
                truth=true,
            ),
        )
    curves: dict[str, Mapping[str, Any]] = {}
    warnings = [SIMULATED] if method.name not in ("intention-to-treat", "per-protocol", "as-treated", "extremes") else []
    if method.name == "rpsft":
        curves["log-rank over psi"] = {"psi": GRID.tolist(), "z": g_estimate(trial).z.tolist()}
        warnings += [str(answer.found["failed"])] if "failed" in answer.found else []
        if None in answer.found["psi_interval"]:
            warnings.append("The interval of psi is open on one side within the range tried: 249 patients say little about the factor.")
    if method.name.startswith("ipcw") and answer.found["weight_largest"] > 10.0:
        warnings.append(f"The largest weight is {answer.found['weight_largest']:.0f}: a few patients carry the answer.")
    if method.name == "intention-to-treat":
        curves |= incidences(trial)
    return Finding(
        name=method.name,
        question=method.question,
        n={"patients": int(trial.time.size), "crossed over": int(np.isfinite(trial.crossed).sum())},
        estimates=estimates,
        assumptions=method.assumptions,
        diagnostics={
            **answer.found,
            "seed": seed,
            "mechanism": trial.mechanism.words,
            "draws": len(spread),
            "spread": [float(np.quantile(finite, q)) for q in (0.05, 0.5, 0.95)] if finite else [],
            "truth_is": "the policy with rescue" if method.policy else "early ECMO against none",
        },
        warnings=tuple(warnings),
        curves=curves,
        source=method.source,
    )


def incidences(trial: Trial) -> dict[str, dict[str, Any]]:
    """Death over 90 days by arm, with interval and number at risk; nothing competes, so this is 1 - Kaplan-Meier as well."""
    found = {}
    for name, mine in (("ECMO", trial.ecmo), ("control", ~trial.ecmo)):
        one = aalen_johansen(trial.time[mine], trial.died[mine].astype(np.int64), 1)
        low, high = log_log_interval(one.share[0], one.variance[0], 0.95)
        columns = {"time": one.times, "share": one.share[0], "low": low, "high": high, "at_risk": one.at_risk}
        found[f"deaths, {name}"] = {key: column.tolist() for key, column in columns.items()}
    return found


def estimators_table(findings: list[Finding], seed: int = 1) -> list[dict[str, Any]]:
    """What each estimator says, and what is published: label, risk ratio, limits, kind (method, naive, published), truth, note."""
    rows: list[dict[str, Any]] = []
    for finding in findings:
        method = METHODS[finding.name]
        kind = "naive" if method.naive else "method"
        base = {"name": finding.name, "label": method.words, "kind": kind, "spread": finding.diagnostics["spread"]}
        for one in finding.estimates:
            point = None if finding.name == "extremes" else one.value
            rows.append({**base, "rr": point, "low": one.low, "high": one.high, "truth": one.truth, "note": ""})
        if not finding.estimates:
            rows.append({**base, "rr": None, "low": None, "high": None, "truth": None, "note": "; ".join(finding.warnings)})
    failure = treatment_failure(eolia_individuals(seed))
    rows.append(_plain("treatment failure (or crossover)", failure))
    printed = [("EOLIA as printed", PRINTED["rr"].value, (PRINTED["rr_low"].value, PRINTED["rr_high"].value), PRINTED["rr"].source)]
    for key, words in (("ipd_itt", "ITT"), ("ipd_per_protocol", "per protocol"), ("ipd_as_treated", "as treated")):
        printed.append((f"with CESAR at 90 d, {words}", PRINTED[key].value, INTERVALS[key], PRINTED[key].source))
    for label, value, (low, high), source in printed:
        rows.append({"name": "published", "label": label, "kind": "published", "rr": value, "low": low, "high": high, "truth": None,
                     "note": source, "spread": []})  # fmt: skip
    return rows


def _plain(label: str, answer: Answer) -> dict[str, Any]:
    return {"name": "treatment-failure", "label": label, "kind": "method", "rr": answer.rr, "low": answer.low, "high": answer.high,
            "truth": None, "note": "another end: it counts every crossover as a death", "spread": []}  # fmt: skip


def notes() -> tuple[str, ...]:
    """What a reader has to know beside the table."""
    return (SIMULATED, *NOT_KNOWN)
