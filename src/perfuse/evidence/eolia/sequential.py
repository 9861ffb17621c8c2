"""The sequential design of EOLIA as one Finding: boundaries, where the trial stopped, how the design behaves, and what to make of 0.76."""

from typing import Any

import numpy as np

from perfuse.evidence.eolia.operating import Characteristics, characteristics, diluted, random_orders
from perfuse.evidence.eolia.published import DESIGN, NOT_KNOWN, PRINTED, count
from perfuse.evidence.eolia.stagewise import Adjusted, adjusted, odds_to_risk_ratio
from perfuse.evidence.eolia.triangle import Triangle, fixed_size, score, triangle
from perfuse.evidence.finding import Estimate, Finding

CROSSOVER_RISK = 0.75
"""60-day mortality, without ECMO, of those who cross over; for the diluted design (assumed: sicker than the mean of 0.60)."""


def trial_point() -> tuple[float, float]:
    """Z and V of EOLIA's 60-day deaths."""
    died, n = float(count("died_60_ecmo")), float(count("n_ecmo"))
    other, n_other = float(count("died_60_control")), float(count("n_control"))
    z, v = score(np.array(died), np.array(n), np.array(other), np.array(n_other))
    return float(z), float(v)


def looks_of_the_trial(design: Triangle) -> np.ndarray[Any, np.dtype[np.float64]]:
    """V at the looks EOLIA must have had, at its own final rate of death; the last one with all who were randomised."""
    _, v = trial_point()
    n = count("n_ecmo") + count("n_control")
    before = [look for look in design.looks if look < n][:-1]
    return v * np.array([*before, n], dtype=np.float64) / n


def eolia_adjusted(design: Triangle | None = None) -> Adjusted:
    """EOLIA's log odds ratio, adjusted for the looks before the last."""
    design = design or triangle()
    return adjusted(design, looks_of_the_trial(design), trial_point()[0])


def operating(design: Triangle, trials: int, seed: int, crossover: float) -> list[Characteristics]:
    """The design as planned, without effect, at EOLIA's rates, and as planned with crossover (all and half of the effect for a rescue)."""
    p, q = design.control_risk, design.ecmo_risk
    seen = (count("died_60_control") / count("n_control"), count("died_60_ecmo") / count("n_ecmo"))
    made = [
        characteristics(design, "as planned", p, q, trials=trials, seed=seed),
        characteristics(design, "no effect", p, p, trials=trials, seed=seed + 1),
        characteristics(design, "EOLIA's own rates", *seen, trials=trials, seed=seed + 2),
    ]
    for k, (words, rescue) in enumerate((("rescue as good as early ECMO", 1.0), ("rescue half as good", 0.5))):
        made.append(
            characteristics(
                design,
                f"as planned, {100 * crossover:.0f} % cross, {words}",
                p,
                q,
                trials=trials,
                seed=seed + 3 + k,
                crossover=crossover,
                crossover_risk=CROSSOVER_RISK,
                rescue=rescue,
            )
        )
    return made


def design_finding(seed: int = 1, trials: int = 20_000, crossover: float = 0.28, design: Triangle | None = None) -> Finding:
    """The design, the stop and the adjusted estimate. `trials` are simulated per scenario; `crossover` is the share of controls (0-1)."""
    design = design or triangle()
    z, v = trial_point()
    looks = looks_of_the_trial(design)
    upper, lower = design.tree(looks)
    found = eolia_adjusted(design)
    orders = random_orders(design, seed=seed)
    behaviour = operating(design, trials, seed, crossover)
    control = count("died_60_control") / count("n_control")
    crude = (count("died_60_ecmo") / count("n_ecmo")) / control

    def rr(theta: float) -> float:
        return odds_to_risk_ratio(theta, control)

    grid = np.linspace(0.0, design.apex[0], 60)
    unbiased = rr(found.median_unbiased)
    corrected = rr(found.bias_corrected)
    return Finding(
        name="eolia-design",
        question="What does the triangular design say about where EOLIA stopped, and does it explain the printed risk ratio of 0.76?",
        n={"patients": count("n_ecmo") + count("n_control"), "simulated trials per scenario": trials},
        estimates=(
            Estimate("risk ratio at 60 d, bias-corrected for the looks", corrected),
            Estimate("risk ratio at 60 d, median-unbiased, stagewise ordering", unbiased, rr(found.high), rr(found.low)),
            Estimate("risk ratio at 60 d, crude (counts as if there had been no looks)", crude, *_crude_interval(), role="naive"),
        ),
        assumptions=(
            "Z is the score of the log odds ratio and V its information, as Whitehead's test has them; which scale EOLIA's software "
            "used is not in the reference.",
            "Looks fell at 60, 120 and 180 patients, and the fourth included all 249 (the nine randomised meanwhile: overrunning).",
            "Information at earlier looks was in proportion to patients, at the final rate of death.",
            "The upper of two triangles is used for the adjustment; a stop for harm is too far away to matter.",
            "To turn odds into risks the control arm's 45.6 % is taken as known.",
            "In the scenarios with crossover, crossers would have died in 75 % without ECMO (assumed).",
        ),
        diagnostics={
            "seed": seed,
            "design": {
                "a": design.a,
                "c": design.c,
                "theta": design.theta,
                "apex_information": design.apex[0],
                "patients_at_apex": design.patients_at_apex,
                "patients_without_looks": fixed_size(design),
                "largest_trial": design.most,
            },
            "trial": {
                "Z": z,
                "V": v,
                "line_of_benefit": float(design.upper(np.array(v))),
                "line_of_no_difference": float(design.lower(np.array(v))),
                "corrected_line_of_benefit": float(upper[-1]),
                "corrected_line_of_no_difference": float(lower[-1]),
                "stopped_for": "no difference" if z <= max(float(lower[-1]), float(design.lower(np.array(v)))) else "not crossed",
                "p_adjusted": found.p,
            },
            "log_odds_ratio": {"naive": found.naive, "median_unbiased": found.median_unbiased, "bias_corrected": found.bias_corrected},
            "printed": {key: PRINTED[key].value for key in ("rr", "rr_low", "rr_high", "p")},
            "explanation": _explanation(crude, unbiased, corrected, found.p),
            "random_order": {"earlier": orders.earlier, "looks": list(orders.looks)},
            "operating": [one.as_data() for one in behaviour],
            "diluted_control_risk": diluted(design.control_risk, design.ecmo_risk, crossover, CROSSOVER_RISK, 1.0),
        },
        warnings=(
            NOT_KNOWN[0],
            f"The lines meet at {design.patients_at_apex:.0f} patients; the largest trial of {DESIGN['most'].value:.0f} would be that "
            "number with a tenth lost (298/0.9 = 331), which is a guess about its origin.",
        ),
        curves={
            "lines": {"V": grid.tolist(), "benefit": design.upper(grid).tolist(), "no_difference": design.lower(grid).tolist()},
            "looks": {"V": looks.tolist(), "benefit": upper.tolist(), "no_difference": lower.tolist()},
            "trial": {"V": [v], "Z": [z]},
            "random order": {
                "V": orders.v.tolist(),
                "low": orders.z[0].tolist(),
                "middle": orders.z[1].tolist(),
                "high": orders.z[2].tolist(),
            },
        },
        source="Whitehead, The Design and Analysis of Sequential Clinical Trials, 2nd ed. 1997; the design: Sameed 2019 Breathe 15:244",
    )


def _crude_interval() -> tuple[float, float]:
    from perfuse.evidence.eolia.estimators import of_counts

    one = of_counts(count("died_60_ecmo"), count("n_ecmo"), count("died_60_control"), count("n_control"))
    assert one.low is not None and one.high is not None
    return one.low, one.high


def _explanation(crude: float, unbiased: float, corrected: float, p: float) -> str:
    same = round(corrected, 2) == PRINTED["rr"].value
    return (
        f"A trial that ends at the line of no difference ends, on average, at a low point: its crude ratio ({crude:.3f}) is too near 1. "
        f"Adjusting moves it to {corrected:.3f} (bias-corrected) or {unbiased:.3f} (median-unbiased), p {p:.3f}. The print says 0.76 "
        f"(0.55 to 1.04), p 0.09. The bias-corrected ratio {'agrees with it to two digits' if same else 'does not agree with it'}; "
        "neither limits nor p are reproduced exactly. That the print is a sequential estimate is therefore likely, not shown: the "
        "interim results are not published."
    )
