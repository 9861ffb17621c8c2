"""A device is put on a patient who is there, and its controls answer."""

import pytest

import perfuse as pf


def test_a_catheter_pump_is_started_at_the_bed_and_its_level_changed() -> None:
    bed = pf.Simulation({"library": "shock-scai-d", "set": {"baroreflex_gain": 0}})
    bed.step(10)
    before = bed.numerics()
    bed.start(pf.device("impella_cp", level=4)).step(60)
    slow = bed.numerics()
    bed.set("impella.level", 8).step(60)
    fast = bed.numerics()
    assert "impella_flow" not in before
    assert 1.0 < slow["impella_flow"] < fast["impella_flow"]
    assert slow["MAP"] > before["MAP"]
    with pytest.raises(pf.InputError, match="already"):
        bed.start(pf.device("iabp_40"))
    with pytest.raises(pf.InputError, match="balloon"):
        bed.set("balloon.ratio", 1)


def test_a_moment_on_a_device_can_be_kept_and_gone_back_to() -> None:
    bed = pf.Simulation("dilated-heart-failure", pf.device("heartmate3", established=True))
    bed.step(5)
    kept = bed.snapshot()
    first = bed.set("lvad.rpm", 6200).step(30).numerics()
    again = bed.restore(kept).set("lvad.rpm", 6200).step(30).numerics()
    assert first == again
    assert "heartmate3" in str(bed) or "HeartMate" in str(bed)
