"""Reports of runs on devices."""

from pathlib import Path
from typing import Any

import pytest
from fake_run import FakeRun, back, drain

import perfuse as pf
from perfuse.views import figures
from perfuse.views.circuit_picture import circuit_picture
from perfuse.views.heart_picture import DRAWN, ROUTES, heart_picture
from perfuse.views.page import figure, page
from perfuse.views.report import report_html
from perfuse.views.routes import circuit_of, placed

LVAD = {"lvad_flow": (4.05, "L/min"), "lvad_flow_shown": (3.3, "L/min"), "lvad_power": (3.9, "W"), "lvad_suction": (0.0, "%")}
DEVICES = {
    "lvad": pf.device("heartmate3"),
    "rvad": pf.device("heartmate3", side="right"),
    "impella": pf.device("impella_cp", level=8),
    "impella_rp": pf.device("impella_rp", level=8),
    "tandemheart": pf.device("tandemheart"),
    "protekduo": pf.device("protekduo"),
    "balloon": pf.device("iabp_40"),
    "excor": pf.device("excor_60", side="both"),
    "ivac": pf.device("ivac2l"),
    "heart": pf.device("syncardia_70"),
}


def run_on(*names: str, mode: str = "none", **numbers: tuple[float, str]) -> FakeRun:
    """A run on devices, without waves."""
    devices = [DEVICES[name] for name in names]
    return FakeRun(mode=mode, devices=devices, device_numbers=numbers, with_waveforms=False, minutes=6.0, title="A run")


def test_a_report_is_headed_by_its_devices_and_asks_after_them() -> None:
    html = report_html(run_on("lvad", "rvad", **LVAD))
    assert "HeartMate 3 + HeartMate 3 (right)" in html
    assert "no support" not in html
    assert "Device in order?" in html
    assert "Circuit in order?" not in html
    assert "Flow of the left pump" in html


def test_a_circuit_and_a_device_stand_side_by_side() -> None:
    html = report_html(run_on("impella", mode="va", impella_flow=(2.32, "L/min")))
    assert "Veno-arterial ECMO + Impella CP" in html
    assert "Circuit and device in order?" in html
    assert html.count('class="circuit"') == 2


@pytest.mark.parametrize("name", DEVICES)
def test_every_device_is_drawn_where_it_lies(name: str) -> None:
    (one,) = placed([DEVICES[name]])
    numbers = {quantity: {"value": 3.21, "unit": "L/min"} for quantity in one.quantities}
    drawn = heart_picture([one], numbers)
    assert "3.21" in drawn or name == "balloon"
    assert ROUTES[one.kind](one) in drawn
    assert heart_picture([one], {}) != drawn
    assert set(ROUTES) == set(DRAWN)


def test_a_replaced_heart_shows_no_loop_and_no_native_chamber() -> None:
    html = report_html(run_on("heart"))
    assert "Both ventricles are replaced" in html
    assert ">LV<" not in html


def test_a_run_that_began_on_support_does_not_call_its_first_loop_before() -> None:
    run = FakeRun(mode="none", devices=[pf.device("heartmate3", established=True)], with_waveforms=False, minutes=6.0)
    assert "at the beginning" in figures.loops_of(run, "lv")
    assert "before support" in figures.loops_of(run_on("lvad"), "lv")


def test_curves_and_waves_of_devices_have_lanes() -> None:
    named = {name for lane in (*figures.TREND_LANES, *figures.WAVE_LANES) for name in lane.names}
    assert {"lvad_flow", "impella_flow", "rvad_flow", "pulsatile_left_flow", "lvad_flow_shown", "impella_placement", "V_balloon"} <= named


def test_vents_have_their_route_in_the_circuit_picture() -> None:
    for site, words in (("lv", "chest from left ventricle"), ("la", "groin from left atrium"), ("pa", "neck from pulmonary artery")):
        limbs = ([drain("hls_pvl_2555", "ivc"), drain("nextgen_fem_art_15", site)], [back("hls_pas_1715", "femoral_artery")])
        circuit = circuit_of(FakeRun(mode="va", limbs=limbs).support)
        assert circuit is not None
        assert circuit.drains[1] == words
        assert words in circuit_picture(circuit, {})


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
def test_the_picture_fits_its_page(browser: Any, tmp_path: Path, width: int) -> None:
    file = tmp_path / "report.html"
    numbers = {f"pulsatile_{side}_flow": {"value": 5.8, "unit": "L/min"} for side in ("left", "right")}
    file.write_text(page("", figure(heart_picture(placed([DEVICES["excor"]]), numbers))), encoding="utf-8")
    opened = browser.new_page(viewport={"width": width, "height": 900})
    opened.goto(file.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    box = opened.locator("#heart").bounding_box()
    texts = opened.locator("#heart text").all()
    for text in texts:
        inside = text.bounding_box()
        assert box["x"] - 1 <= inside["x"]
        assert inside["x"] + inside["width"] <= box["x"] + box["width"] + 1
    opened.close()
