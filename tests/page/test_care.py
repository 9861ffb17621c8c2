"""A person at the bedside: start, treat, alarm, laboratory, time; with the mouse."""

import re

import pytest

pytestmark = [pytest.mark.browser]


def test_two_clicks_to_a_patient_whose_circuit_answers(bed):
    """VV: more speed, more flow, and a lower pressure in the drainage line; the trends say what was done."""
    one = bed().open()
    one.picture("start")
    one.notice()
    one.button(re.compile("^COVID-19 ARDS:")).click()
    one.button(re.compile("^VV-ECMO")).click()
    one.arrived()
    one.until(lambda: one.text("ecmo_flow") != "– –")
    flow, suction = one.value("ecmo_flow"), one.value("P_ven")
    one.click("Speed: more", times=6)
    assert one.set_value("Speed, rpm") == 3300
    one.until(lambda: one.value("ecmo_flow") > flow + 0.2 and one.value("P_ven") < suction - 3)
    one.until(lambda: "Speed 3000 → 3300" in one.marks())
    one.picture("vv")
    one.click("Pause")


def test_bleeding_makes_the_line_chatter_and_the_alarm_is_seen(bed, server):
    one = bed().open(server.new())
    one.page.get_by_role("tab", name="Faults").click()
    one.click("60×")
    row = one.region("Treatments").get_by_role("group", name="Bleeding")
    row.get_by_role("button").last.click()
    picture = one.region("Circuit")
    picture.get_by_text("chatter", exact=True).wait_for(timeout=40_000)
    line = one.page.get_by_role("group", name="Alarms")
    alarm = line.get_by_role("button").filter(has_text=re.compile("!!")).first
    alarm.wait_for(timeout=30_000)
    one.picture("alarm")
    one.notice()
    words = re.sub(r"^!+\s*", "", alarm.inner_text().split("\n")[0]).strip()
    one.click("Acknowledge")
    line.get_by_text(re.compile("^seen after")).first.wait_for()
    one.click("Pause")
    line.get_by_role("button").first.click()
    log = one.page.get_by_role("dialog", name="Alarms and limits")
    log.get_by_text("Log", exact=True).wait_for()
    entries = log.locator(".log tr").all_inner_texts()
    assert any(words in entry and "seen after" not in entry for entry in entries), (words, entries)
    assert any(words in entry and re.search(r"seen after \d+:\d\d", entry) for entry in entries), (words, entries)
    one.picture("alarms")
    one.notice()


def test_harlequin_right_hand_and_foot_differ(bed, server):
    """VA with a heart that ejects and lungs that do not work: what the right hand shows is not what the foot shows."""
    one = bed().open()
    patients = one.region("Patient")
    patients.get_by_role("button", name=re.compile("more$")).click()
    patients.get_by_role("button", name=re.compile("^Severe ARDS: stiff")).click()
    one.button(re.compile("^VA-ECMO")).click()
    one.arrived()
    one.until(lambda: one.text("SpO2_foot") not in ("", "– –") and one.text("SpO2_right_hand") not in ("", "– –"))
    assert one.value("SpO2_foot") - one.value("SpO2_right_hand") >= 3
    circuit = one.region("Circuit")
    assert circuit.get_by_text("Right hand").is_visible() and circuit.get_by_text("Left foot").is_visible()
    one.picture("va")
    one.click("Pause")


def test_a_gas_is_frozen_when_it_is_drawn(bed, server):
    """Two clicks; then the sweep is changed; what comes back is what was drawn, not what is."""
    run = server.new()
    one = bed().open(run)
    laboratory = one.region("Laboratory")

    def draw() -> None:
        one.click("Draw gas")
        laboratory.get_by_role("menuitem", name=re.compile("Right radial")).click()
        laboratory.get_by_text(re.compile("^back in")).wait_for()

    def skip(words: str) -> None:
        before = one.clock()
        one.click("Go to…")
        one.page.get_by_role("dialog").get_by_role("button", name=words).click()
        one.until(lambda: one.clock() >= before + 600, 60)

    def gas(label: str) -> float:
        return float(laboratory.locator(".gas div").filter(has_text=label).locator("b").inner_text())

    draw()
    one.picture("pending")
    one.click("Sweep gas: less", times=7)
    assert one.set_value("Sweep gas, L/min") == 1
    skip("+ 10 min")
    laboratory.get_by_text(re.compile("drawn 08:00")).wait_for()
    drawn = gas("PCO₂")
    draw()
    skip("+ 10 min")
    one.until(lambda: "drawn 08:1" in laboratory.inner_text())
    assert gas("PCO₂") > drawn + 5
    small = laboratory.locator(".gas div").filter(has_text="PCO₂").locator("small").inner_text()
    assert float(small) == drawn
    one.picture("laboratory")
    haemoglobin = gas("Hb")
    one.click("Menu")
    for unit, factor in (("g/L", 10.0), ("mmol/L", 0.6206), ("g/dL", 1.0)):
        one.page.get_by_role("group", name="Haemoglobin").get_by_role("button", name=unit).click()
        one.until(lambda factor=factor: abs(gas("Hb") - factor * haemoglobin) < 1)
    assert gas("Hb") == haemoglobin
    one.close_panel()
    one.click("Pause")


def test_time_stands_goes_back_and_branches(bed, server):
    one = bed().open(server.new())
    one.click("60×")
    start = one.clock()
    one.until(lambda: one.clock() > start + 240)
    one.click("Pause")
    one.button("Go on").wait_for()
    one.page.wait_for_timeout(400)
    numbers, then = {q: one.text(q) for q in ("HR", "MAP", "ecmo_flow", "P_ven")}, one.clock()
    one.page.wait_for_timeout(1500)
    assert one.clock() == then
    assert numbers == {q: one.text(q) for q in numbers}
    one.page.get_by_role("status").filter(has_text="paused").wait_for()
    one.picture("paused")
    one.click("− 10 s")
    one.until(lambda: then - 11 <= one.clock() <= then - 9)
    one.click("− 1 min", times=3)
    one.until(lambda: one.clock() <= then - 188)

    one.click("Branch here")
    courses = one.page.get_by_role("group", name="Courses")
    one.until(lambda: courses.get_by_role("button").count() == 2)
    one.click("Sweep gas: less", times=5)
    one.click("Go on")
    one.until(lambda: one.clock() > then + 60)
    ghosts = one.page.locator(".trends path.ghost")
    one.until(lambda: ghosts.count() > 0 and (ghosts.first.get_attribute("d") or "").count("L") > 2, 30)
    assert "4px" in ghosts.first.evaluate("(e) => getComputedStyle(e).strokeDasharray").replace(", ", " ")
    one.click("Pause")
    one.picture("branch")
    assert one.set_value("Sweep gas, L/min") == 2
    at = one.clock()
    courses.get_by_role("button").first.click()
    one.until(lambda: one.set_value("Sweep gas, L/min") == 4.5)
    assert one.clock() <= at
    courses.get_by_role("button").last.click()
    one.until(lambda: one.set_value("Sweep gas, L/min") == 2)


def test_two_pages_in_step(bed, server):
    run = server.new()
    one, two = bed().open(run), bed().open(run)
    one.click("Sweep gas: more", times=2)
    two.until(lambda: two.set_value("Sweep gas, L/min") == 5.5, 10)
    two.page.get_by_role("button", name="Clamp return line: open").click()
    one.button("Clamp return line: closed").wait_for(timeout=10_000)
    one.button("Clamp return line: closed").click()
    two.button("Clamp return line: open").wait_for(timeout=10_000)
    two.click("Pause")
    one.button("Go on").wait_for(timeout=10_000)
    one.until(lambda: one.clock() == two.clock(), 10)
    for quantity in ("HR", "MAP", "CVP", "ecmo_flow", "P_ven", "SpO2_right_hand"):
        assert one.text(quantity) == two.text(quantity)


def test_what_can_be_taken_away(bed, server, tmp_path):
    one = bed().open(server.new())
    one.click("Sweep gas: more")
    one.click("Save")
    found = {}
    for name in ("Case file", "Parquet", "HTML report"):
        with one.page.expect_download(timeout=120_000) as download:  # a report is made on demand
            one.page.get_by_role("link", name=name).click()
        kept = tmp_path / download.value.suggested_filename
        download.value.save_as(kept)
        found[name] = kept.read_bytes()
    one.notice()
    assert b"patient" in found["Case file"] and b"sweep" in found["Case file"]
    assert found["Parquet"][:4] == b"PAR1"
    assert b"<html" in found["HTML report"] and b"linical use" in found["HTML report"]
    one.close_panel()
    one.click("Pause")
