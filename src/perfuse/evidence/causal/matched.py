"""The matched analysis as a finding: who was compared, who was left out and how they fared, balance, effects with intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from perfuse.evidence.causal import balance as balances
from perfuse.evidence.causal import matching as pairing
from perfuse.evidence.causal.contrasts import contrast, crude
from perfuse.evidence.causal.e_value import registered
from perfuse.evidence.causal.propensity import Propensity, histogram, overlap, propensity
from perfuse.evidence.finding import Estimate, Finding
from perfuse.evidence.frames import called
from perfuse.parameters.problems import Problems

SOURCE = (
    "Rosenbaum PR, Rubin DB. Am Stat 1985;39:33-8; caliper: Austin PC. Pharm Stat 2011;10:150-61; "
    "unmatched: Pham T et al. AJRCCM 2013;187:276-82"
)
ORDERS = ("largest", "smallest", "random")
ASSUMPTIONS = (
    "Every common cause of treatment and outcome is among the covariates (no unmeasured confounding).",
    "Covariates were measured before treatment could begin, and follow-up of both arms begins at the same moment (no immortal time).",
    "Each patient who counts could have been in either arm (overlap).",
    "One patient's treatment does not change another's outcome, and treatment means the same everywhere.",
)


def matched(
    frame: pd.DataFrame,
    *,
    treatment: str,
    outcome: str,
    covariates: Sequence[str],
    caliper: float = pairing.CALIPER,
    ratio: int = 1,
    replace: bool = False,
    exact: Sequence[str] = (),
    order: str = "largest",
    seed: int = 0,
    truth: Mapping[str, float] | None = None,
) -> Finding:
    """Match treated to untreated on the log odds of the propensity score and compare their risks of the outcome.

    caliper   largest distance, in pooled standard deviations of the log odds
    ratio     controls for each treated
    exact     columns in which a pair must agree
    truth     risk_difference (in %), risk_ratio, odds_ratio where they are known
    Intervals are robust to pairs; with replacement, to pairs and to controls used more than once (Austin & Cafri 2020).
    """
    problems = Problems("the matching")
    if not caliper > 0:
        problems.add(("caliper",), "the caliper is not positive", value=caliper, allowed="more than 0 standard deviations, usually 0.2")
    if ratio < 1:
        problems.add(("ratio",), "each treated needs a control at least", value=ratio, allowed="1, 2, 3, ...")
    if order not in ORDERS:
        problems.add(("order",), "this is not an order", value=order, allowed=", ".join(ORDERS))
    problems.raise_if_any()
    found = propensity(frame, treatment, covariates, exact, outcome)
    pairs = pairing.match(
        found.log_odds,
        found.treated,
        caliper=caliper * found.pooled_sd,
        ratio=ratio,
        replace=replace,
        order=order,
        strata=pairing.strata_of(found.frame, exact),
        seed=seed,
    )
    if not pairs.treated.size:
        problems.add(("caliper",), "nobody found a match", value=caliper, hint="Widen the caliper or drop columns of exact matching.")
        problems.raise_if_any()
    return _finding(found, pairs, outcome, replace, caliper, exact, order, seed, truth or {})


def _finding(
    found: Propensity,
    pairs: pairing.Matches,
    outcome: str,
    replace: bool,
    caliper: float,
    exact: Sequence[str],
    order: str,
    seed: int,
    truth: Mapping[str, float],
) -> Finding:
    y = found.frame[outcome].to_numpy(dtype=np.float64)
    w = pairs.weights(y.size)
    people = np.unique(pairs.treated)
    # one row for a treated and one for each of its controls, so that a control used twice stands there twice
    rows = np.concatenate([people, pairs.control])
    family = np.concatenate([np.arange(people.size), np.searchsorted(people, pairs.treated)])
    each = np.bincount(family[people.size :])
    heavy = np.concatenate([np.ones(people.size), 1.0 / each[family[people.size :]]])
    both = contrast(y[rows], found.treated[rows], heavy, [family, rows] if replace else [family])
    table = balances.balance(found.x, found.names, found.treated, w)
    lost = pairs.unmatched
    every = "ATT" if not lost.size else "ATM"
    whom = "the treated (all were matched: ATT)" if every == "ATT" else "the treated who found a match (ATM, not all treated)"
    estimates = [
        Estimate("Risk, treated and matched", 100 * both.treated, unit="%"),
        Estimate("Risk, matched controls", 100 * both.untreated, unit="%"),
        *both.estimates("matched", truths=truth),
        *crude(y, found.treated, truth),
    ]
    distances = np.abs(found.log_odds[pairs.treated] - found.log_odds[pairs.control])
    diagnostics = {
        "estimand": every,
        "balance": table,
        "largest standardised difference before": max(abs(row["SMD before"]) for row in table),
        "largest standardised difference after": max(abs(row["SMD after"]) for row in table),
        **overlap(found),
        "caliper, log odds": pairs.caliper,
        "largest distance of a pair, log odds": float(distances.max()),
        "matching": f"{'with' if replace else 'without'} replacement, {order} score first"
        + (f", exactly on {', '.join(exact)}" if exact else ""),
        "controls used more than once": int((np.bincount(pairs.control) > 1).sum()),
        "treated left without a match": int(lost.size),
        "risk of the treated left without a match, %": float(100 * y[lost].mean()) if lost.size else None,
        "risk of the treated who were matched, %": float(100 * both.treated),
        "seed": seed,
    }
    finding = Finding(
        name="matching",
        question=f"How does {called(outcome)} differ between treated and untreated who were alike beforehand, for {whom}?",
        n={
            "rows": int(y.size),
            "left out (missing values)": found.left_out,
            "treated": int(found.treated.sum()),
            "matched treated": int(people.size),
            "different controls": int(np.unique(pairs.control).size),
        },
        estimates=tuple(estimates),
        assumptions=ASSUMPTIONS,
        diagnostics=diagnostics,
        warnings=both.one_sided + _warnings(found, lost.size, y, lost, both.treated, table),
        curves={"balance": balances.love(table), "propensity": histogram(found), "propensity after": histogram(found, w)},
        source=SOURCE,
    )
    finding.diagnostics.update(registered(finding))  # type: ignore[attr-defined]
    return finding


def _warnings(
    found: Propensity, lost: int, y: np.ndarray, rows: np.ndarray, risk: float, table: list[dict[str, object]]
) -> tuple[str, ...]:
    words = []
    if lost:
        share = 100 * lost / found.treated.sum()
        words.append(
            f"{lost} treated ({share:.0f} %) found no match; {100 * y[rows].mean():.0f} % of them had the outcome, "
            f"against {100 * risk:.0f} % of those matched: the estimate speaks for the matched only."
        )
    if found.left_out:
        words.append(f"{found.left_out} rows with missing values were left out; that is fair only if they miss by chance.")
    return (*words, *balances.out_of_balance(table))
