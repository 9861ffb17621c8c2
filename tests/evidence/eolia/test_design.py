"""The triangular design: its lines, its errors by simulation, its exact distributions, and what it says about EOLIA."""

import numpy as np
import pytest
from scipy.optimize import brentq

from perfuse.evidence.eolia.operating import characteristics, decide, random_orders
from perfuse.evidence.eolia.published import DESIGN, PRINTED, table
from perfuse.evidence.eolia.sequential import design_finding, eolia_adjusted, looks_of_the_trial, trial_point
from perfuse.evidence.eolia.stagewise import adjusted, beyond, mean_estimate, odds_to_risk_ratio
from perfuse.evidence.eolia.triangle import fixed_size, score, triangle
from perfuse.parameters.problems import InputError

MARKS = {"seen", "recalled-high", "recalled-medium", "recalled-low", "computed", "assumed"}


def test_the_lines_are_whiteheads() -> None:
    """a = 2 log(1/(2 alpha))/theta', c = theta'/4 with one-sided alpha 0.025; they meet at (a/c, 2a)."""
    design = triangle()
    theta = np.log(0.6 / 0.4 * 0.6 / 0.4)
    reparametrised = 2 * 1.959963985 / (1.959963985 + 0.841621234) * theta
    assert design.a == pytest.approx(2 * np.log(20) / reparametrised)
    assert design.c == pytest.approx(reparametrised / 4)
    v, z = design.apex
    assert design.upper(np.array(v)) == pytest.approx(z)
    assert design.lower(np.array(v)) == pytest.approx(z)


def test_with_equal_errors_the_reference_effect_is_not_moved() -> None:
    assert triangle(power=0.975, alpha=0.05).c == pytest.approx(triangle().theta / 4)


def test_the_tree_stands_within_the_triangle() -> None:
    design = triangle()
    v = np.array([3.0, 7.0, 11.0])
    upper, lower = design.tree(v)
    assert (upper < design.upper(v)).all() and (lower > design.lower(v)).all()
    assert design.upper(v)[0] - upper[0] == pytest.approx(0.583 * np.sqrt(3.0))


def test_power_and_error_are_those_of_the_design() -> None:
    design = triangle()
    planned = characteristics(design, "planned", 0.6, 0.4, trials=40_000, seed=3)
    nothing = characteristics(design, "nothing", 0.5, 0.5, trials=40_000, seed=4)
    assert planned.benefit == pytest.approx(0.80, abs=0.02)
    assert nothing.benefit + nothing.harm == pytest.approx(0.05, abs=0.005)
    assert nothing.benefit == pytest.approx(nothing.harm, abs=0.004)
    assert planned.mean_size < fixed_size(design)


def test_stops_add_up_and_a_trial_that_stopped_for_benefit_flatters_the_effect() -> None:
    one = characteristics(triangle(), "planned", 0.6, 0.4, trials=20_000, seed=5)
    assert sum(one.stops) == pytest.approx(1.0)
    assert one.naive_rr_benefit is not None and one.naive_rr_no_difference is not None
    assert one.naive_rr_benefit < one.true_rr < one.naive_rr_no_difference


def test_crossover_takes_power_away() -> None:
    design = triangle()
    plain = characteristics(design, "plain", 0.6, 0.4, trials=10_000, seed=6)
    crossed = characteristics(design, "crossed", 0.6, 0.4, trials=10_000, seed=6, crossover=0.28)
    assert crossed.control_risk < 0.6
    assert crossed.benefit < plain.benefit - 0.2


def test_score_and_information_are_those_of_the_two_by_two_table() -> None:
    z, v = trial_point()
    assert z == pytest.approx(57 - 125 * 101 / 249)
    assert v == pytest.approx(124 * 125 * 101 * 148 / 249**3)


def test_eolia_lies_where_the_design_stops_for_no_difference() -> None:
    design, (z, v) = triangle(), trial_point()
    assert z < design.lower(np.array(v)) < design.upper(np.array(v))


def test_exact_distributions_agree_with_simulated_ones() -> None:
    """Scores simulated as a random walk, under an effect: the same tail and the same mean estimate as by integration."""
    design, theta, rng = triangle(), 0.45, np.random.default_rng(8)
    v = looks_of_the_trial(design)
    steps = np.diff(v, prepend=0.0)
    z = np.cumsum(theta * steps + np.sqrt(steps) * rng.normal(size=(200_000, v.size)), axis=1)
    upper, lower = design.tree(v)
    out = (z >= upper) | (z <= lower)
    out[:, -1] = True
    at = out.argmax(axis=1)
    last = z[np.arange(at.size), at]
    better = np.where(at == v.size - 1, last >= 6.3, last >= upper[at])
    assert beyond(design, v, 6.3, theta) == pytest.approx(better.mean(), abs=0.004)
    assert mean_estimate(design, v, theta) == pytest.approx((last / v[at]).mean(), abs=0.004)


def test_without_earlier_looks_nothing_is_adjusted() -> None:
    found = adjusted(triangle(), np.array([15.0]), 6.3)
    assert found.median_unbiased == pytest.approx(6.3 / 15.0, abs=1e-6)
    assert found.bias_corrected == pytest.approx(6.3 / 15.0, abs=1e-6)
    assert found.high - found.low == pytest.approx(2 * 1.959964 / np.sqrt(15.0), abs=1e-5)


def test_the_median_unbiased_estimate_is_median_unbiased_over_trials() -> None:
    """Trials that reach the last look and all others: half of the estimates lie below the truth, by construction of the ordering."""
    design, theta = triangle(), 0.6
    v = looks_of_the_trial(design)
    z = brentq(lambda z: beyond(design, v, z, theta) - 0.5, -20.0, 30.0)
    assert adjusted(design, v, z).median_unbiased == pytest.approx(theta, abs=1e-5)


def test_the_bias_corrected_ratio_of_eolia_is_the_printed_one_to_two_digits() -> None:
    found = eolia_adjusted()
    assert round(odds_to_risk_ratio(found.bias_corrected, 57 / 125), 2) == PRINTED["rr"].value
    assert found.naive < found.bias_corrected < found.median_unbiased
    assert found.low < 0.0 < found.high


def test_odds_become_risks() -> None:
    assert odds_to_risk_ratio(0.0, 0.4) == pytest.approx(1.0)
    assert odds_to_risk_ratio(np.log(57 * 80 / (68 * 44)), 57 / 125) == pytest.approx(44 / 124 / (57 / 125))


def test_every_order_ends_at_the_same_point() -> None:
    found = random_orders(triangle(), orders=500, seed=2)
    assert np.allclose(found.z[:, -1], trial_point()[0])
    assert found.looks == (60, 120, 180, 249)
    assert sum(found.earlier.values()) <= 1.0


def test_a_path_is_ended_by_the_first_line_it_crosses() -> None:
    design = triangle()
    v = np.array([[4.0, 8.0, 12.0]] * 3)
    z = np.array([[0.0, 7.5, 0.0], [-9.0, 0.0, 0.0], [0.5, 0.2, 0.0]])
    at, how = decide(design, z, v)
    assert at.tolist() == [1, 0, 1] and how.tolist() == [1, -1, 0]
    assert score(np.array(5.0), np.array(30.0), np.array(5.0), np.array(30.0))[0] == 0.0


def test_a_design_that_cannot_be_is_refused_with_every_reason() -> None:
    with pytest.raises(InputError) as caught:
        triangle(control_risk=0.4, ecmo_risk=0.5, power=0.4, look_every=2)
    assert len(caught.value.problems) == 3


def test_the_finding_says_what_is_known_and_is_the_same_again() -> None:
    one, two = design_finding(seed=5, trials=2000), design_finding(seed=5, trials=2000)
    assert one.as_data() == two.as_data()
    assert "not shown" in one.diagnostics["explanation"]
    assert one.diagnostics["trial"]["stopped_for"] == "no difference"
    assert {row["mark"] for row in table()} <= MARKS
    assert all(row["source"] for row in table())
    assert DESIGN["look_every"].value == 60
