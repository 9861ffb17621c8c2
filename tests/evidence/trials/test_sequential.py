"""Trial sequential analysis: published boundaries, the error they spend, and the size that one trial would need."""

import numpy as np
import pytest

from perfuse.evidence.trials.meta import meta_analysis
from perfuse.evidence.trials.pools import pools
from perfuse.evidence.trials.sequential import boundaries, sequential
from perfuse.evidence.trials.studies import Study
from perfuse.evidence.trials.two_arms import Counts
from perfuse.parameters.problems import InputError


def test_five_equal_looks_have_the_published_boundaries() -> None:
    # Lan and DeMets 1983 with O'Brien-Fleming spending, two-sided 0.05, as tabled in textbooks (recalled-high)
    assert boundaries(np.arange(1, 6) / 5) == pytest.approx([4.877, 3.357, 2.680, 2.290, 2.031], abs=6e-4)
    assert boundaries(np.array([1.0])) == pytest.approx([1.959964], abs=1e-5)


def test_a_look_too_early_cannot_cross_and_one_beyond_the_size_has_the_plain_quantile() -> None:
    assert boundaries(np.array([0.01, 1.0, 1.3])) == pytest.approx([np.inf, 1.95996, 1.95996], abs=1e-4)


def test_without_an_effect_one_in_twenty_crosses_somewhere() -> None:
    """200,000 score processes; Monte-Carlo SD 0.0005."""
    rng, at = np.random.default_rng(20260105), np.array([0.2, 0.35, 0.7, 1.0])
    z = (rng.normal(size=(200_000, 4)) * np.sqrt(np.diff(np.concatenate([[0.0], at])))).cumsum(axis=1) / np.sqrt(at)
    assert np.mean((np.abs(z) >= np.array(boundaries(at))).any(axis=1)) == pytest.approx(0.05, abs=0.002)


def test_the_size_is_that_of_one_trial_when_studies_do_not_differ() -> None:
    found = sequential(meta_analysis(pools()["eolia-cesar"].studies, "rr"), 0.2, control_risk=0.5)
    # 0.5 v 0.4, 80 % power: 2 x 387.3 + a little less than textbooks' 388 a group with separate variances
    assert found.diversity == 0.0 and found.required == found.required_of_one_trial == pytest.approx(777.0, abs=1.0)
    assert [row.patients for row in found.rows] == [180, 429] and "not reached" in found.verdict
    assert found.rows[0].boundary is not None and found.rows[0].boundary > found.rows[1].boundary  # type: ignore[operator]


def test_diversity_asks_for_more_patients() -> None:
    found = sequential(meta_analysis(pools()["ecpr"].studies, "rr"), -0.5)
    assert found.diversity > 0.0 and found.required > found.required_of_one_trial


def test_what_it_cannot_do_is_told_all_at_once() -> None:
    meta = meta_analysis([Study("a", Counts(3, 30, 6, 31)), Study("b", Counts(9, 50, 12, 48))], "rr")
    with pytest.raises(InputError) as caught:
        sequential(meta, 0.0, control_risk=1.5, alpha=0.6)
    assert len(caught.value.problems) == 4
