"""Laws of the posterior: brute force agrees, data move it the right way, priors matter less as data grow."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import xlog1py, xlogy
from scipy.stats import norm

from perfuse.evidence.trials.bayes import Prior, posterior, prior_of, priors, summary
from perfuse.evidence.trials.flat_risks import flat_risks
from perfuse.evidence.trials.hierarchical import hierarchical
from perfuse.evidence.trials.hierarchical import summary as summary_of_pool
from perfuse.evidence.trials.prior_sensitivity import sensitivity, tipping_point
from perfuse.evidence.trials.two_arms import Counts, effect
from perfuse.parameters.problems import InputError

EOLIA = Counts(44, 124, 57, 125)


def brute(table: Counts, prior: Prior) -> tuple[float, float, float]:
    """P(RR < 1), P(RR < 0.8) and P(reduction >= 2 %) on a plain square grid, without any of the code that is tested."""
    log_rr = np.linspace(prior.mean - 7 * prior.sd, prior.mean + 7 * prior.sd, 1601)[:, None]
    p = ((np.arange(3000) + 0.5) / 3000)[None, :]
    q = np.exp(log_rr) * p
    inside = q < 1.0
    r = np.where(inside, q, 0.5)
    f = xlogy(table.e0, p) + xlog1py(table.n0 - table.e0, -p) + xlogy(table.e1, r) + xlog1py(table.n1 - table.e1, -r)
    f = np.where(inside, f, -np.inf) - 0.5 * ((log_rr - prior.mean) / prior.sd) ** 2
    w = np.exp(f - f.max())
    w /= w.sum()
    below = [float(w[log_rr[:, 0] < edge].sum() + 0.5 * w[log_rr[:, 0] == edge].sum()) for edge in (0.0, log(0.8))]
    return below[0], below[1], float(w[(p - q) >= 0.02].sum())


@pytest.mark.parametrize(
    ("table", "prior"),
    [
        (EOLIA, Prior(0.0, 0.15)),
        (EOLIA, Prior(-0.25, 0.4)),
        (Counts(0, 30, 4, 28), Prior(0.0, 0.5)),
        (Counts(5, 10, 0, 10), Prior(0.1, 0.6)),
        (Counts(9, 10, 8, 10), Prior(0.0, 0.3)),
        (Counts(0, 12, 0, 15), Prior(-0.1, 0.3)),
        (Counts(20, 20, 20, 20), Prior(0.0, 0.2)),
    ],
)
def test_quadrature_agrees_with_brute_force(table: Counts, prior: Prior) -> None:
    found = posterior(table, prior)
    ours = (found.below_ratio(1.0), found.below_ratio(0.8), found.reduced_by(0.02))
    assert ours == pytest.approx(brute(table, prior), abs=4e-3)


counts = st.builds(
    lambda n1, n0, a, b: Counts(round(a * n1), n1, round(b * n0), n0),
    st.integers(5, 400),
    st.integers(5, 400),
    st.floats(0, 1),
    st.floats(0, 1),
)


@settings(max_examples=15, deadline=None)
@given(counts, st.floats(-1, 1), st.floats(0.05, 2.0))
def test_probabilities_are_probabilities_and_fall_as_more_is_asked(table: Counts, mean: float, sd: float) -> None:
    found = summary(posterior(table, Prior(mean, sd)))
    chances = [found[f"arr{percent}"] for percent in (1, 2, 4, 8, 15)]
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    assert np.all(np.diff(chances) <= 1e-12)
    assert found["lo"] <= found["med"] <= found["hi"]
    assert found["p_lt05"] <= found["p_lt067"] <= found["p_lt08"] <= found["p_lt1"]
    assert found["p_lt1"] >= chances[0] - 1e-6


@settings(max_examples=15, deadline=None)
@given(st.integers(20, 200), st.integers(1, 18), st.floats(-0.5, 0.5), st.floats(0.1, 1.0))
def test_one_more_event_in_the_treated_arm_never_raises_the_chance_of_benefit(n: int, events: int, mean: float, sd: float) -> None:
    prior = Prior(mean, sd)
    fewer, more = (posterior(Counts(e, n, 10, n), prior).below_ratio(1.0) for e in (events, events + 1))
    assert more <= fewer + 1e-9


@settings(max_examples=15, deadline=None)
@given(st.floats(-0.5, 0.5), st.floats(0.05, 1.0))
def test_a_more_hopeful_prior_never_lowers_the_chance_of_benefit(mean: float, sd: float) -> None:
    hopeful, doubtful = (posterior(EOLIA, Prior(m, sd)).below_ratio(1.0) for m in (mean - 0.1, mean))
    assert hopeful >= doubtful - 1e-9


def test_with_much_data_priors_agree_and_the_normal_approximation_is_exact() -> None:
    table = Counts(4400, 12400, 5700, 12500)
    found = [posterior(table, prior).quantile(0.5) for prior in priors().values()]
    assert max(found) - min(found) < 0.01
    one = effect(table, "rr")
    approximate = posterior(table, priors()["minimal"], exact=False)
    assert approximate.quantile(0.025) == pytest.approx(one.low, rel=1e-4)
    assert posterior(table, priors()["minimal"]).quantile(0.025) == pytest.approx(one.low, rel=1e-3)


def test_the_normal_approximation_is_labelled_near_and_without_absolute_risks() -> None:
    found = posterior(EOLIA, priors()["sceptical"], exact=False)
    numbers = summary(found)
    assert "approximation" in numbers["likelihood"] and "arr2" not in numbers
    assert (numbers["med"], numbers["p_lt1"]) == pytest.approx((0.886, 0.868), abs=5e-4)  # computed elsewhere
    with pytest.raises(InputError, match="absolute risks"):
        found.reduced_by(0.02)


def test_a_certain_prior_is_not_moved_and_a_flat_one_is_not_heard() -> None:
    assert posterior(EOLIA, Prior(0.3, 0.01)).quantile(0.5) == pytest.approx(exp(0.3), rel=5e-3)
    wide, wider = (posterior(EOLIA, Prior(0.0, sd)).quantile(0.5) for sd in (5.0, 10.0))
    assert wide == pytest.approx(wider, rel=1e-3)


def test_named_priors_carry_source_and_mark_and_odd_ones_are_refused() -> None:
    assert set(priors()) == {"minimal", "enthusiastic", "sceptical"}
    assert all(prior.source and prior.mark in {"seen", "computed"} for prior in priors().values())
    assert exp(priors()["enthusiastic"].mean) == pytest.approx(0.78)
    assert prior_of("-0.1,0.2") == Prior(-0.1, 0.2)
    for wrong in (
        "hopeful",
        "1,2,3",
        "0,-1",
        "0,nan",
        {"log_rr_mean": "a", "log_rr_sd": 1.0},
        {"log_rr_mean": 0.0, "log_rr_sd": 1.0, "x": 1},
    ):
        with pytest.raises(InputError):
            prior_of(wrong)


def test_a_map_says_at_each_prior_what_that_prior_says() -> None:
    means, sds = np.array([-0.3, 0.0, 0.2]), np.array([0.05, 0.15, 1.0])
    found = sensitivity(EOLIA, means, sds)
    for i, sd in enumerate(sds):
        for j, mean in enumerate(means):
            assert found[i, j] == pytest.approx(posterior(EOLIA, Prior(float(mean), float(sd))).below_ratio(1.0), abs=2e-4)
    assert (np.diff(found, axis=1) < 1e-9).all()
    silent = Counts(0, 10, 0, 10)  # a flat likelihood beside a sharp prior
    mixed = sensitivity(silent, np.array([0.1]), np.array([0.01, 5.0]))
    assert mixed[0, 0] == pytest.approx(posterior(silent, Prior(0.1, 0.01)).below_ratio(1.0), abs=1e-6)
    with pytest.raises(InputError):
        sensitivity(EOLIA, means, np.array([0.0]))


def test_at_the_tipping_point_the_chance_is_what_was_wanted() -> None:
    tip = tipping_point(EOLIA, 0.15, 0.95)
    assert tip is not None
    assert posterior(EOLIA, Prior(tip.mean, 0.15)).below_ratio(1.0) == pytest.approx(0.95, abs=2e-4)
    assert tipping_point(Counts(9000, 10000, 500, 10000), 1.0, 0.95) is None


def test_credible_intervals_cover_in_95_per_cent_when_truth_is_drawn_from_the_prior() -> None:
    """Exact by construction of a Bayesian interval; 5000 draws, Monte-Carlo SD 0.003. Few patients, so that few posteriors are needed."""
    rng, prior, n, hits, runs = np.random.default_rng(20260104), Prior(-0.1, 0.3), 8, 0, 5000
    known: dict[Counts, tuple[float, float]] = {}
    for _ in range(runs):
        while True:  # the prior as the model has it: RR p below 1
            log_rr, p = rng.normal(prior.mean, prior.sd), rng.uniform()
            if exp(log_rr) * p < 1.0:
                break
        table = Counts(int(rng.binomial(n, exp(log_rr) * p)), n, int(rng.binomial(n, p)), n)
        if table not in known:
            found = posterior(table, prior)
            known[table] = found.quantile(0.025), found.quantile(0.975)
        low, high = known[table]
        hits += low <= exp(log_rr) <= high
    assert hits / runs == pytest.approx(0.95, abs=0.01)


def test_flat_risks_agree_with_drawing_from_two_betas() -> None:
    table = Counts(14, 70, 10, 62)
    rng = np.random.default_rng(5)
    one, two = rng.beta(15, 57, 400_000), rng.beta(11, 53, 400_000)
    found = flat_risks(table, (0.05, 0.1))
    assert found["rd_lo"] == pytest.approx(np.quantile(one - two, 0.025), abs=1e-3)
    assert found["rr_med"] == pytest.approx(np.median(one / two), abs=5e-3)
    assert found["p_rd_ge5"] == pytest.approx(np.mean(one - two >= 0.05), abs=3e-3)
    assert found["p_rd_ge10"] == pytest.approx(np.mean(one - two >= 0.10), abs=3e-3)


def test_the_hierarchical_posterior_agrees_with_a_plain_double_sum() -> None:
    y, v = np.array([-0.24, -0.35, 0.10]), np.array([0.02, 0.03, 0.05])

    tau, mu = ((np.arange(800) + 0.5) / 800 * 4.0)[:, None, None], np.linspace(-4.0, 4.0, 1601)[None, :, None]
    log_each = norm.logpdf(y[None, None, :], mu, np.sqrt(v[None, None, :] + tau**2)).sum(axis=2)
    density = np.exp(log_each + norm.logpdf(mu[:, :, 0], 0.0, 10.0) - 0.5 * (tau[:, :, 0] / 0.5) ** 2)
    below = (density[:, :800].sum() + 0.5 * density[:, 800].sum()) / density.sum()
    found = hierarchical(y, v)
    assert found.below(0.0) == pytest.approx(below, abs=1e-4)
    numbers = summary_of_pool(found)
    assert numbers["new_study"][1] < numbers["effect"][1] < numbers["effect"][0] < numbers["effect"][2] < numbers["new_study"][2]
    with pytest.raises(InputError):
        hierarchical(y, v, tau_scale=0.0)


def test_without_room_between_studies_the_pool_is_the_fixed_one() -> None:
    y, v = np.array([-0.24, -0.35]), np.array([0.02, 0.03])
    found = hierarchical(y, v, tau_scale=0.001)
    w = 1.0 / v
    assert log(summary_of_pool(found)["effect"][0]) == pytest.approx(float(np.sum(w * y) / np.sum(w)), abs=1e-3)
