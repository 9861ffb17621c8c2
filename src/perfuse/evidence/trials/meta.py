"""A meta-analysis of two-arm studies, whole: every model, heterogeneity, who matters, and the warnings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from perfuse.evidence.progress import Progress
from perfuse.evidence.trials import small_studies
from perfuse.evidence.trials.classical import mantel_haenszel, peto_pool
from perfuse.evidence.trials.heterogeneity import ESTIMATORS, i2_of_q, i2_of_tau2, q_profile, q_test, tau2_of
from perfuse.evidence.trials.pooling import FEW, Pooled, all_models, chosen_model, pool, prediction
from perfuse.evidence.trials.studies import Study
from perfuse.evidence.trials.two_arms import MEASURES, Counts, Measure, effect, log_effect, z_of
from perfuse.parameters.problems import InputError, Problem

Array = NDArray[np.float64]

PETO_APART = 0.1
"""Log odds ratios by which Peto's and Mantel-Haenszel's may differ before it is said (assumed)."""


@dataclass(frozen=True)
class Meta:
    """A meta-analysis.

    used, left_out  studies pooled, and names of those without any event (ratios only)
    y, v            effects as they are pooled (log ratios or differences) and variances [k]
    corrected       names of studies with 0.5 added to their cells (inverse variance only)
    pooled          every model by name: FE, DL, HK_DL, mHK_DL, REML, ..., MH and, for odds ratios, Peto
    chosen          the name of the model that is shown first
    """

    measure: Measure
    used: tuple[Study, ...]
    left_out: tuple[str, ...]
    y: Array
    v: Array
    corrected: tuple[str, ...]
    pooled: Mapping[str, Pooled]
    chosen: str
    level: float

    @property
    def k(self) -> int:
        """Studies pooled."""
        return len(self.used)

    def back(self, y: float) -> float:
        """From the scale of pooling to the ratio (or difference) itself."""
        return y if self.measure == "rd" else exp(y)

    def triple(self, one: Pooled) -> list[float]:
        """[estimate, low, high] as ratio or difference."""
        return [self.back(one.y), self.back(one.low), self.back(one.high)]

    @property
    def main(self) -> Pooled:
        """The pooled effect that is shown first."""
        return self.pooled[self.chosen]

    @property
    def random_model(self) -> str:
        """The estimator of tau2 that belongs to what is shown first."""
        bare = self.chosen.rpartition("_")[2]
        return bare if bare in ESTIMATORS else "REML"

    def weights(self) -> Array:
        """Weights in per cent in the model shown first (inverse variance of FE for MH and Peto)."""
        w = 1.0 / (self.v + (self.main.tau2 or 0.0))
        return 100.0 * w / np.sum(w)


def meta_analysis(studies: Sequence[Study], measure: Measure = "rr", level: float = 0.95, model: str | None = None) -> Meta:
    """Pool studies of two arms; measure "rr", "or" or "rd".

    Studies without any event say nothing of a ratio: they are left out and named (a risk difference keeps them). A study with one
    zero cell gets 0.5 in all its cells for inverse variance; Mantel-Haenszel and Peto need none. `model` names what is shown first;
    without it REML, with its modified Hartung-Knapp interval from five studies on. InputError: unknown measure or model, or fewer than
    two studies with information.
    """
    if measure not in MEASURES:
        raise InputError([Problem("measure", "this measure is not known", value=str(measure), allowed=", ".join(MEASURES))])
    z_of(level)
    used = tuple(s for s in studies if measure == "rd" or not _silent(s.counts, measure))
    left_out = tuple(s.name for s in studies if s not in used)
    if len(used) < 2:
        text = f"{len(used)} of {len(studies)} studies can be pooled" + (
            f" (without information: {', '.join(left_out)})" if left_out else ""
        )
        raise InputError([Problem("studies", text, allowed="two or more studies with events")])
    effects = [log_effect(s.counts, measure) for s in used]
    y, v, correction = (np.array(column) for column in zip(*effects, strict=True))
    tables = [s.counts for s in used]
    pooled = all_models(y, v, level)
    classical = [mantel_haenszel(tables, measure, level)] + ([peto_pool(tables, level)] if measure == "or" else [])
    pooled |= {one.model: one for one in classical if one is not None}
    if model is not None and model not in pooled:
        raise InputError([Problem("model", f"the model {model!r} is not to be had here", value=model, allowed=", ".join(pooled))])
    bare, way = chosen_model(len(used))
    first = bare if way == "Wald" else f"{way}_{bare}"
    corrected = tuple(s.name for s, c in zip(used, correction, strict=True) if c)
    return Meta(measure, used, left_out, y, v, corrected, pooled, model or first, level)


def _silent(table: Counts, measure: Measure) -> bool:
    return table.uninformative or (measure == "or" and table.e1 == table.n1 and table.e0 == table.n0)


def summary(meta: Meta) -> dict[str, Any]:
    """Every model under the names of the analysis vectors: FE, DL, HK_DL, MH, ...: [estimate, low, high]; I2 in per cent.

    tau2_DL, tau2_REML, tau2_PM with tau2_low and tau2_high (Q-profile); Q, df, Q_p, H2; PI_DL, PI_REML, PI_PM: prediction intervals.
    """
    q, df, p = q_test(meta.y, meta.v)
    low, high = q_profile(meta.y, meta.v, meta.level)
    found: dict[str, Any] = {name: meta.triple(one) for name, one in meta.pooled.items()}
    found |= {f"{name}_p": one.p for name, one in meta.pooled.items()}
    found |= {f"tau2_{name}": tau2_of(meta.y, meta.v, name) for name in ESTIMATORS}
    for name in ESTIMATORS:
        ahead = prediction(meta.y, meta.v, name, meta.level)
        found[f"PI_{name}"] = [meta.back(t) for t in ahead] if ahead else None
    return found | {
        "Q": q, "df": df, "Q_p": p, "I2": i2_of_q(q, df), "H2": q / df,
        "tau2_low": low, "tau2_high": high, "I2_low": i2_of_tau2(low, meta.v), "I2_high": i2_of_tau2(high, meta.v),
        "k": meta.k, "chosen": meta.chosen, "left_out": list(meta.left_out), "corrected": list(meta.corrected),
        "warnings": list(warnings(meta)),
    }  # fmt: skip


def each(meta: Meta) -> list[dict[str, Any]]:
    """One row a study: counts, effect with its interval, weight in per cent, correction."""
    rows = []
    for study, weight in zip(meta.used, meta.weights(), strict=True):
        one, t = effect(study.counts, meta.measure, meta.level), study.counts
        rows.append({
            "study": study.name, "year": study.year, "subgroup": study.subgroup, "e1": t.e1, "n1": t.n1, "e0": t.e0, "n0": t.n0,
            "estimate": one.value, "low": one.low, "high": one.high, "weight": float(weight), "correction": one.correction,
        })  # fmt: skip
    return rows


def again(meta: Meta, keep: Sequence[int]) -> Pooled:
    """The model shown first, on some of the studies."""
    tables = [meta.used[i].counts for i in keep]
    if meta.chosen == "MH":
        found = mantel_haenszel(tables, meta.measure, meta.level)
    elif meta.chosen == "Peto":
        found = peto_pool(tables, meta.level)
    else:
        way, _, bare = meta.chosen.rpartition("_")
        rows = np.array(keep, dtype=np.intp)
        found = pool(meta.y[rows], meta.v[rows], bare, way or "Wald" if len(keep) > 1 else "Wald", meta.level)
    if found is None:
        raise InputError(
            [Problem("studies", "these studies have no events in one of the arms", value=", ".join(meta.used[i].name for i in keep))]
        )
    return found


def leave_one_out(meta: Meta, progress: Progress | None = None) -> list[dict[str, Any]]:
    """The pooled effect without each study in turn."""
    rows = []
    for i, study in enumerate(meta.used):
        keep = [j for j in range(meta.k) if j != i]
        rows.append({"without": study.name, **_row(meta, keep)})
        if progress is not None:
            progress(i + 1, meta.k, "without each study in turn")
    return rows


def cumulative(meta: Meta, progress: Progress | None = None) -> list[dict[str, Any]]:
    """The pooled effect as studies came in, by year (studies of one year in the order given); empty where a year is not known."""
    if any(study.year is None for study in meta.used):
        return []
    order = sorted(range(meta.k), key=lambda i: meta.used[i].year or 0)
    rows = []
    for i in range(meta.k):
        last = meta.used[order[i]]
        rows.append({"up_to": last.name, "year": last.year, **_row(meta, order[: i + 1])})
        if progress is not None:
            progress(i + 1, meta.k, "as studies came in")
    return rows


def subgroups(meta: Meta) -> dict[str, Any] | None:
    """Each subgroup by the model shown first with its own tau2, and the test of interaction; None without at least two subgroups.

    Interaction: Q between = sum of w (mean of group - common mean)2 with w = 1/se2 (of Wald), chi-squared with G-1 df. The groups are
    those of studies, not of patients: a difference between them is an observation.
    """
    names = list(dict.fromkeys(study.subgroup for study in meta.used if study.subgroup is not None))
    if len(names) < 2:
        return None
    rows, members = [], {name: [i for i, study in enumerate(meta.used) if study.subgroup == name] for name in names}
    for name, keep in members.items():
        rows.append({"subgroup": name, "studies": len(keep), **_row(meta, keep), **_spread(meta, keep)})
    without = [study.name for study in meta.used if study.subgroup is None]
    return {"groups": rows, **_interaction(meta, list(members.values())), "without_subgroup": without}


def _interaction(meta: Meta, members: Sequence[Sequence[int]]) -> dict[str, Any]:
    plain, df = replace(meta, chosen=meta.chosen.rpartition("_")[2]), len(members) - 1
    try:
        pooled = [again(plain, keep) for keep in members]
    except InputError:  # a group without events in one arm has no ratio to compare
        return {"Q_between": None, "df": df, "p": None}
    means, w = np.array([one.y for one in pooled]), 1.0 / np.array([one.se for one in pooled]) ** 2
    q = float(np.sum(w * (means - np.sum(w * means) / np.sum(w)) ** 2))
    return {"Q_between": q, "df": df, "p": float(chdtrc(df, q))}


def _spread(meta: Meta, keep: Sequence[int]) -> dict[str, float]:
    y, v = meta.y[np.array(keep)], meta.v[np.array(keep)]
    q, df, _ = q_test(y, v)
    return {"tau2": tau2_of(y, v, meta.random_model), "I2": i2_of_q(q, df)}


def _row(meta: Meta, keep: Sequence[int]) -> dict[str, Any]:
    try:
        one = again(meta, keep)
    except InputError as error:
        return {"estimate": None, "low": None, "high": None, "p": None, "k": len(keep), "why": error.problems[0].text}
    estimate, low, high = meta.triple(one)
    return {"estimate": estimate, "low": low, "high": high, "p": one.p, "k": len(keep)}


def asymmetry(meta: Meta) -> list[small_studies.Asymmetry]:
    """Egger's test, and Peters' for odds ratios, where they can be computed."""
    tests = [small_studies.egger(meta.y, meta.v)]
    if meta.measure == "or":
        tests.append(small_studies.peters(meta.y, [study.counts for study in meta.used]))
    return [test for test in tests if test is not None]


def warnings(meta: Meta) -> tuple[str, ...]:
    """Sentences about this pool."""
    said = []
    if meta.left_out:
        said.append(f"Left out, since a ratio without any event does not exist: {', '.join(meta.left_out)}.")
    if meta.corrected:
        said.append(f"0.5 was added to all four cells, for inverse variance only: {', '.join(meta.corrected)}.")
    if meta.k < FEW:
        said.append(
            f"{meta.k} studies: Hartung-Knapp is shown but not chosen below {FEW} (t with {meta.k - 1} degrees of freedom); "
            "Wald may be too narrow. Both are to be read."
        )
    if "MH" not in meta.pooled:
        said.append("No event in one of the arms of all studies: Mantel-Haenszel has no finite ratio.")
    if "Peto" in meta.pooled and "MH" in meta.pooled and abs(meta.pooled["Peto"].y - meta.pooled["MH"].y) > PETO_APART:
        said.append(
            "Peto's odds ratio lies more than a tenth from Mantel-Haenszel's: it is biased where effects are large or arms differ in size "
            "(Greenland and Salvan, Stat Med 1990;9:247)."
        )
    taus = [tau2_of(meta.y, meta.v, name) for name in ESTIMATORS]
    if min(taus) == 0.0 < max(taus):
        said.append("The estimators of tau2 disagree on whether there is any: models differ, and 'significant' depends on the choice.")
    significant = {name: (one.low > 0.0) or (one.high < 0.0) for name, one in meta.pooled.items()}
    if len(set(significant.values())) > 1:
        yes = ", ".join(name for name, is_so in significant.items() if is_so)
        said.append(f"Whether the interval leaves out 'no effect' depends on the model; it does in: {yes}.")
    few = small_studies.warning(meta.k)
    return (*said, few) if few else tuple(said)
