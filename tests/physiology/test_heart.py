"""The heart's own laws."""

from hypothesis import given
from hypothesis import strategies as st

from perfuse.physiology.heart import recoil


@given(st.floats(0.0, 300.0), st.floats(0.0, 300.0), st.floats(1.0, 60.0))
def test_a_chamber_resists_being_emptied_more_the_emptier_it_is_and_not_at_all_when_filled(one: float, other: float, v0: float) -> None:
    low, high = sorted((one, other))
    assert recoil(low, v0) <= recoil(high, v0) <= 0.0
    assert recoil(v0 + high, v0) == 0.0


def test_no_millilitre_changes_the_recoil_by_more_than_a_step_of_one_millisecond_resolves() -> None:
    """12 mmHg/mL is where a millisecond through both venae cavae (0.012 mmHg s/mL each) would overshoot."""
    steps = [recoil(v / 10.0 + 0.1, 20.0) - recoil(v / 10.0, 20.0) for v in range(200)]
    assert max(steps) * 10.0 <= 6.0 + 1e-9
