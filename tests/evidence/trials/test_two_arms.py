"""Laws of the effects of two arms: symmetry, zero cells, intervals that cover, and a number needed to treat that passes infinity."""

from math import inf, isclose, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.evidence.trials.needed_to_treat import needed
from perfuse.evidence.trials.two_arms import Counts, Measure, counts, effect, newcombe, peto
from perfuse.evidence.wilson import wilson
from perfuse.parameters.problems import InputError


def swapped(table: Counts) -> Counts:
    """The same table with the arms exchanged."""
    return Counts(table.e0, table.n0, table.e1, table.n1)


@st.composite
def tables(draw: st.DrawFn, least: int = 0) -> Counts:
    n1, n0 = draw(st.integers(2 + least, 400)), draw(st.integers(2 + least, 400))
    return Counts(draw(st.integers(least, n1 - least)), n1, draw(st.integers(least, n0 - least)), n0)


@given(tables(least=1))
def test_exchanging_the_arms_inverts_ratios_and_turns_differences(table: Counts) -> None:
    for measure in ("rr", "or"):
        there, back = effect(table, measure), effect(swapped(table), measure)  # type: ignore[arg-type]
        assert isclose(there.value * back.value, 1.0, rel_tol=1e-12)
        assert isclose(there.low * back.high, 1.0, rel_tol=1e-12) and isclose(there.p, back.p, rel_tol=1e-9)
    assert isclose(effect(table, "rd").value, -effect(swapped(table), "rd").value, abs_tol=1e-15)
    assert isclose(peto(table).y, -peto(swapped(table)).y, abs_tol=1e-12)


@given(tables(least=1))
def test_counting_the_other_outcome_inverts_the_odds_ratio_but_not_the_risk_ratio(table: Counts) -> None:
    other = Counts(table.n1 - table.e1, table.n1, table.n0 - table.e0, table.n0)
    assert isclose(effect(table, "or").value * effect(other, "or").value, 1.0, rel_tol=1e-12)
    assert isclose(effect(table, "rd").value, -effect(other, "rd").value, abs_tol=1e-15)


@given(tables(least=1))
def test_ratios_and_difference_are_of_one_table(table: Counts) -> None:
    control = table.e0 / table.n0
    rr, rd, odds = (effect(table, m).value for m in ("rr", "rd", "or"))  # type: ignore[arg-type]
    assert isclose(rd, control * (rr - 1.0), abs_tol=1e-12)
    assert isclose(rr, odds / (1.0 - control + control * odds), rel_tol=1e-10)
    assert abs(log(odds)) >= abs(log(rr)) - 1e-12  # the odds ratio is always the farther from 1


@given(tables(least=1), st.integers(2, 9))
def test_more_patients_with_the_same_shares_narrow_the_interval_by_the_root(table: Counts, times: int) -> None:
    more = Counts(table.e1 * times, table.n1 * times, table.e0 * times, table.n0 * times)
    for measure in ("rr", "or", "rd"):
        assert isclose(effect(table, measure).se, effect(more, measure).se * times**0.5, rel_tol=1e-10)  # type: ignore[arg-type]
        assert isclose(effect(table, measure).value, effect(more, measure).value, rel_tol=1e-10, abs_tol=1e-14)  # type: ignore[arg-type]


def test_a_zero_cell_gets_a_half_and_the_result_says_so() -> None:
    table = Counts(0, 124, 6, 125)
    one = effect(table, "rr")
    assert one.correction == 0.5 and one.as_data()["continuity_correction"] == 0.5
    assert one.value == pytest.approx((0.5 / 125) / (6.5 / 126))
    assert effect(table, "rd").value == pytest.approx(-6 / 125)
    assert effect(Counts(1, 124, 6, 125), "rr").correction == 0.0


def test_without_any_event_there_is_no_ratio_but_a_difference() -> None:
    silent = Counts(0, 10, 0, 12)
    for measure in ("rr", "or"):
        with pytest.raises(InputError, match="ratio does not exist"):
            effect(silent, measure)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Peto"):
        peto(silent)
    assert effect(silent, "rd").value == 0.0 and effect(silent, "rd").se > 0.0


@given(tables())
def test_newcombe_and_wilson_stay_where_risks_can_be(table: Counts) -> None:
    low, high = newcombe(table)
    assert -1.0 <= low <= table.e1 / table.n1 - table.e0 / table.n0 <= high <= 1.0
    one, two = wilson(table.e1, table.n1, 1.96)
    assert 0.0 <= one <= table.e1 / table.n1 <= two <= 1.0


def test_newcombes_own_example() -> None:
    # Newcombe 1998, Stat Med 17:873, method 10: 56/70 - 48/80 = 0.2 (0.0524 to 0.3339)
    assert newcombe(Counts(56, 70, 48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_number_needed_to_treat_passes_infinity_when_the_difference_passes_zero() -> None:
    found = needed(-0.1, -0.2, 0.02)
    assert found.through_infinity and found.value == 10.0 and found.counts == "fewer"
    assert found.fewer == (5.0, inf) and found.more == (50.0, inf)
    assert found.text == "10 for one event fewer (interval: 5.0 for one fewer to infinity to 50 for one more)"
    clear = needed(-0.2, -0.25, -0.1)
    assert not clear.through_infinity and clear.fewer == (4.0, 10.0) and clear.more is None
    assert needed(0.2, 0.1, 0.25).counts == "more"
    assert needed(0.0, -0.1, 0.1).value == inf and "infinitely" in needed(0.0, -0.1, 0.1).text
    assert needed(-0.1, -0.2, 0.0).text.endswith("(interval: 5.0 for one fewer to infinity)")


@given(st.floats(-0.9, 0.9), st.floats(0.0, 0.5), st.floats(0.0, 0.5))
def test_the_interval_of_nnt_holds_nnt(rd: float, below: float, above: float) -> None:
    found = needed(rd, rd - below, rd + above)
    side = found.fewer if found.counts == "fewer" else found.more
    assert found.through_infinity == (rd - below <= 0.0 <= rd + above)
    if side is not None:
        assert side[0] <= found.value * (1 + 1e-12) and found.value <= side[1] * (1 + 1e-12)


def test_counts_may_be_words_but_every_wrong_one_is_told() -> None:
    assert counts("44", 124.0, np.int64(57), "125") == Counts(44, 124, 57, 125)
    with pytest.raises(InputError) as caught:
        counts("x", 1.5, -1, None)
    assert len(caught.value.problems) == 4


RUNS = 20_000


@pytest.mark.parametrize(("measure", "true"), [("rr", 0.75), ("or", 0.6), ("rd", -0.10)])
def test_intervals_of_large_trials_cover_the_truth_in_95_per_cent(measure: Measure, true: float) -> None:
    """Control risk 0.4, 400 a group. Monte-Carlo error of 20,000 runs: SD 0.0015; the law is asymptotic, hence 0.004 more."""
    rng, n, p0 = np.random.default_rng(20260101), 400, 0.4
    p1 = {"rr": true * p0, "or": true * p0 / (1 - p0 + true * p0), "rd": p0 + true}[measure]
    e1, e0 = rng.binomial(n, p1, RUNS), rng.binomial(n, p0, RUNS)
    seen: dict[tuple[int, int], bool] = {}
    hits = 0
    for pair in zip(e1.tolist(), e0.tolist(), strict=True):
        if pair not in seen:
            one = effect(Counts(pair[0], n, pair[1], n), measure)
            seen[pair] = one.low <= true <= one.high
        hits += seen[pair]
    assert hits / RUNS == pytest.approx(0.95, abs=3 * 0.0015 + 0.004)


def test_newcombe_covers_where_wald_does_not() -> None:
    """20 a group, risks 0.05 and 0.15: small counts."""
    rng, n, p1, p0 = np.random.default_rng(7), 20, 0.05, 0.15
    pairs = list(zip(rng.binomial(n, p1, RUNS).tolist(), rng.binomial(n, p0, RUNS).tolist(), strict=True))
    inside = {pair: newcombe(Counts(pair[0], n, pair[1], n)) for pair in set(pairs)}
    share = np.mean([inside[pair][0] <= p1 - p0 <= inside[pair][1] for pair in pairs])
    assert 0.94 <= share <= 0.99
