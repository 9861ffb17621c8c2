"""Shipped cases of devices, and what an entry of the library can say about where a device stands."""

from pathlib import Path

import pytest

from perfuse.parameters import InputError
from perfuse.parameters.assist import Balloon, PulsatilePump, RotaryPump
from perfuse.parameters.device_checks import side_of
from perfuse.parameters.from_python import case_of
from perfuse.parameters.library import case_names, device_kind, load_case, load_device

PAGES = Path(__file__).parents[2] / "docs" / "cases"
CASES = [name for name in case_names() if load_case(name).devices]


def test_every_kind_of_device_has_a_case() -> None:
    used = {
        (type(load_device(d.model)), side_of(d), getattr(load_device(d.model), "kind", "")) for c in CASES for d in load_case(c).devices
    }
    kinds = {kind for _, _, kind in used}
    assert {"lvad", "transvalvular", "extracorporeal", "vad", "catheter", "total_artificial_heart"} <= kinds
    assert {Balloon, PulsatilePump, RotaryPump} == {one for one, _, _ in used}
    assert {"left", "right", "both", ""} == {side for _, side, _ in used}


@pytest.mark.parametrize("name", CASES)
def test_a_case_says_what_happens_and_that_it_is_assumed_and_its_page_shows_how_to_run_it(name: str) -> None:
    case, page = load_case(name), (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert len(case.about) > 40
    assert any("assumed" in text for text in case.source)
    assert f"perfuse run {name} " in page
    assert case.outputs.waveforms


def test_chambers_stand_where_their_entry_says() -> None:
    assert all(device.sides for device in device_kind("pulsatile_pumps").values() if isinstance(device, PulsatilePump))
    case_of("shock-scai-c", {"model": "ivac2l"}, seconds=60.0)
    with pytest.raises(InputError, match="PulseCath iVAC 2L does not stand on that side"):
        case_of("shock-scai-c", {"model": "ivac2l", "side": "right"}, seconds=60.0)


def test_the_stroke_of_the_ivac_is_the_published_one_and_its_ceiling_lies_above_what_it_can_give() -> None:
    ivac = load_device("ivac2l")
    assert isinstance(ivac, PulsatilePump)
    assert 20.0 <= ivac.volume.value <= 24.0
    assert ivac.flow_max is not None
    assert ivac.flow_full <= ivac.flow_max.value == 2.0
