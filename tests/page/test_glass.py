"""What is on the glass: languages, units, themes, sizes, every support, and that nothing covers anything."""

import re

import pytest

pytestmark = [pytest.mark.browser]

# Numbers as long as they get, for whatever a picture shows.
LONG = {
    "ecmo_flow": -0.35, "P_ven": -168, "P_art": 399, "P_int": 412, "dP": 150, "S_pre": 100, "S_post": 100, "pump_speed": 4800,
    "SaO2_brain": 99.9, "SaO2_coronary": 81, "SaO2_left_radial": 95.4, "SaO2_right_radial": 81, "SaO2_femoral": 100,
    "SpO2_right_hand": 81, "SpO2_left_hand": 100, "SpO2_foot": 100, "ecmo_flow_arterial": -2.26, "ecmo_flow_venous": 2.98,
    "lvad_flow_shown": 10.2, "lvad_PI": 10.3, "lvad_power": 12.4, "lvad_speed": 5486, "rvad_flow": -0.5, "rvad_speed": 5486,
    "impella_flow": -0.52, "impella_speed": 46000, "impella_motor_pulse": 158.9,
    "iabp_augmented_diastolic": 148, "iabp_unassisted_systolic": 138, "iabp_assisted_systolic": 126,
    "iabp_unassisted_end_diastolic": 100, "iabp_assisted_end_diastolic": 101,
    "pulsatile_left_flow": 10.68, "pulsatile_right_flow": 10.58, "pulsatile_rate": 125,
    "pulsatile_left_fill": 100, "pulsatile_right_fill": 100,
    "MAP": 110, "SBP": 168, "DBP": 101, "HR": 148, "CVP": 21.5, "mPAP": 45, "EtCO2": 55,
}  # fmt: skip
SUPPORTS = {
    "vv": "covid-ards",
    "va+impella": "shock-scai-d",
    "lvad": "dilated-heart-failure",
    "balloon": "shock-scai-d",
    "tah": "fulminant-myocarditis",
}
STATES = [("", False, {}), ("high", False, {"pressure": "kPa"}), ("low", True, {"language": "de"})]
SIZES = [(1366, 768), (1440, 900), (1920, 1080), (1024, 768), (2560, 1440)]


def worst(priority: str, chatter: bool):
    """Everything long, everything in alarm, every clamp closed."""

    def change(message):
        if message["k"] == "num":
            message["v"] = {**message["v"], **{q: v for q, v in LONG.items() if q in message["v"] or q.startswith(("lvad_", "iabp_"))}}
            message["why"], message["chatter"] = {}, chatter
        elif message["k"] == "state" and chatter:
            message["set"].update({control: 1 for control in message["set"] if "clamp" in control})
        elif message["k"] == "alarms":
            message["now"] = [
                {"id": i, "quantity": q, "words": "Drainage pressure low", "priority": priority, "side": "below", "limit": 1, "value": v,
                 "since": 0, "state": "active", "seen": None}
                for i, (q, v) in enumerate(LONG.items())
            ]  # fmt: skip

    return change


@pytest.mark.parametrize("support", SUPPORTS)
def test_no_number_covers_another(bed, server, feed, support):
    """In every picture, in alarm or not, in either language and unit, on a desk or a tablet, words stand clear of each other."""
    run = server.new(SUPPORTS[support], support)
    found = []
    for priority, chatter, chosen in (
        ("", False, {}),
        ("high", False, {}),
        ("medium", True, {"pressure": "kPa"}),
        ("low", True, {"language": "de"}),
    ):
        one = bed(chosen=chosen, reduced_motion="reduce")
        if priority:
            feed(one, worst(priority, chatter))
        one.open(run)
        for width, height in ((1440, 900), (1024, 768)):
            one.page.set_viewport_size({"width": width, "height": height})
            for tab in one.page.locator(".devices [role=tab]").all() or [None]:
                if tab:
                    tab.click()
                one.page.wait_for_timeout(150)
                found += [
                    f"{width} {priority} {chosen}: {c}" for c in one.page.evaluate("look.collisions(document.querySelector('.stage svg'))")
                ]
            if not priority or priority == "high":
                one.picture(f"{support}-{priority or 'calm'}-{width}")
            if priority == "high":
                found += [f"{width}: {c}" for c in one.look("spilt")]
        one.page.context.close()
    assert found == []


def test_page_fits_every_screen(bed, server):
    """No scroll bar of the page itself, nothing cut off, and the notice can be read, from a small laptop to a large screen."""
    run = server.new("severe-ards", "va")
    one = bed()
    for place in ("", run):
        one.open(place)
        for width, height in SIZES:
            one.page.set_viewport_size({"width": width, "height": height})
            one.page.wait_for_timeout(120)
            size = one.page.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.scrollHeight, document.body.scrollWidth]"
            )
            assert size == [width, height, width], (place, width, size)
            assert one.look("spilt") == [], (place, width)
            one.notice()
    one.page.set_viewport_size({"width": 390, "height": 844})
    for place in ("", run):
        one.open(place)
        assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
        one.notice()
        one.picture(f"phone-{'bed' if place else 'start'}")
    assert one.button(re.compile("^Clamp return line")).count() == 1
    one.button("Pause").click()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_word_can_be_read(bed, server, feed, theme):
    """Contrast of at least 4.5, on the start page and at the bedside, calm and with alarms of every priority."""
    run = server.new()
    one = bed(chosen={"theme": theme}, reduced_motion="reduce").open()
    assert one.page.evaluate("document.documentElement.dataset.theme") == theme
    faint = {"start": one.look("faint")}
    one.picture(f"start-{theme}")
    one.open(run)
    faint["calm"] = one.look("faint")
    for name, key in (
        ("Alarms and limits", "i"),
        ("Menu", "o"),
        ("Keys", "?"),
        ("Trends", "g"),
        ("Pressure–volume loops", "p"),
        ("Go to a moment", "j"),
    ):
        one.page.keyboard.press(key)
        one.page.get_by_role("dialog", name=name).wait_for()
        faint[name] = one.look("faint")
        one.notice()
        one.picture(f"{name.split()[0].lower()}-{theme}")
        one.close_panel()
    one.page.get_by_role("tab", name="Faults").click()
    faint["faults"] = one.look("faint")
    one.click("Pause")
    for priority in ("high", "medium", "low"):
        again = bed(chosen={"theme": theme}, reduced_motion="reduce")
        feed(again, worst(priority, True))
        again.open(run)
        faint[priority] = again.look("faint")
        again.notice()
        again.picture(f"{priority}-{theme}")
    assert {place: words for place, words in faint.items() if words} == {}


def test_theme_is_chosen_and_kept(bed, server):
    one = bed().open()
    one.button("Light").click()
    one.until(lambda: one.page.evaluate("document.documentElement.dataset.theme") == "light")
    one.page.reload()
    one.until(lambda: one.page.evaluate("document.documentElement.dataset.theme") == "light")
    one.open(server.new())
    one.click("Menu")
    one.page.get_by_role("group", name="Theme").get_by_role("button", name="Dark").click()
    assert one.page.evaluate("document.documentElement.dataset.theme") == "dark"
    one.close_panel()
    one.click("Pause")


def test_units_there_and_back(bed, server):
    one = bed().open(server.new())
    one.click("Pause")
    one.button("Go on").wait_for()
    one.page.wait_for_timeout(300)
    before = {q: one.text(q) for q in ("MAP", "P_ven", "CVP", "P_art")}
    one.page.keyboard.press("i")
    limit = one.page.get_by_role("textbox", name=re.compile("^MAP below, High"))
    assert limit.input_value() == "50"
    one.close_panel()
    one.click("Menu")
    one.page.get_by_role("group", name="Blood pressure").get_by_role("button", name="kPa").click()
    one.page.get_by_role("group", name="Haemoglobin").get_by_role("button", name="g/L").click()
    one.page.get_by_role("group", name="Airway pressure").get_by_role("button", name="mbar").click()
    assert one.value("MAP") == pytest.approx(float(before["MAP"]) * 0.13332, abs=0.1)
    assert one.value("P_ven") == pytest.approx(float(before["P_ven"].replace("−", "-")) * 0.13332, abs=0.1)
    assert "kPa" in one.region("Patient monitor").inner_text() and "mmHg" not in one.region("Patient monitor").inner_text()
    assert "mbar" in one.region("Ventilator").inner_text()
    one.close_panel()
    one.page.keyboard.press("i")
    assert limit.input_value() == "6.7"
    one.picture("kpa")
    one.close_panel()
    one.click("Menu")
    one.page.get_by_role("group", name="Blood pressure").get_by_role("button", name="mmHg").click()
    assert before == {q: one.text(q) for q in before}


# What is the same in German: units, symbols, names, and words that both languages have; everything else must change.
SAME = re.compile(
    r"([^A-Za-z]|mmHg|kPa|cmH₂O|mbar|L/min|rpm|mL|mmol/L|g/d?L|U/min|[µm]g/(kg/)?min|IU/h|mg/h|ppm|min|mm/s|°C|kg|s|h|d|W|mA|"
    r"ART|ECG II|CVP|m?PAP|MAP|HR|[SCPp]?(SpO|EtCO|CO|SvO|SaO|PO|HCO)₂?|NIRS|F[di]O|PEEP|Pplat|Vte|Crs|Ppeak|Ti/Ttot|Vol/min|"
    r"PP|EF|[PS]|part|int|ven|art|pre|post|dP|[LR]V|pH|BE|Hb|K|Na|iCa|[A-Z]|Enter|Esc|"
    r"perfuse|Patient|Pleth|[sS]inus|Ventilator|Pause|Start|Parquet|Deutsch|English|(VV|VA|VAV|V-PA)[- ]ECMO|LVAD|RVAD|BiVAD|ACT|"
    r"COVID|ARDS|Plasma|Albumin|Vasopressin|Fibrinogen|Trends|Gas|zone)+"
)


def test_german_everywhere(bed, server, feed):
    """The whole page in German: no English sentence is left, and nothing is cut off."""

    def words(one) -> dict[str, list[str]]:
        out = {"bedside": one.look("words")}
        for tab in one.region(re.compile("Treatments|Behandlung")).get_by_role("tab").all():
            tab.click()
            out[f"tab {len(out)}"] = one.look("words")
        for key in "io?jgp":
            one.page.keyboard.press(key)
            one.page.get_by_role("dialog").wait_for()
            one.page.wait_for_timeout(100)
            out[f"key {key}"] = one.look("words")
            one.notice()
            one.picture(f"{one.page.evaluate('document.documentElement.lang')}-{'iomjgp'['io?jgp'.index(key)]}")
            if one.page.evaluate("document.documentElement.lang") == "de":
                assert one.look("clipped") == [] and one.look("spilt") == [], key
            one.close_panel()
        return out

    run = server.new("severe-ards", "va")
    english, german = bed().open(), bed().open()
    german.page.get_by_role("button", name="Deutsch").or_(german.page.get_by_title("Language")).first.click()
    german.until(lambda: german.page.evaluate("document.documentElement.lang") == "de")
    german.picture("start-de")
    left = {"start": [w for w in german.look("words") if w in english.look("words")]}
    assert german.look("spilt") == []
    for one in (english, german):
        one.open(run)
    german.page.keyboard.press(" ")
    german.page.wait_for_timeout(800)
    german.picture("bedside-de")
    assert german.look("clipped") == [] and german.look("spilt") == []
    before, after = words(english), words(german)
    left |= {place: [w for w in after[place] if w in before[place]] for place in before if place in after}
    assert set(before) == set(after)
    assert {place: kept for place, all_ in left.items() if (kept := [w for w in all_ if not SAME.fullmatch(w)])} == {}


def test_script_in_a_title_is_text(bed, server, tmp_path):
    """A case file from a stranger: its title is shown as it is written."""
    from perfuse.parameters.library import case_file

    title = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    text = re.sub(r"(?m)^title:.*$", f"title: '{title}'", case_file("eolia-vv").read_text(encoding="utf-8"))
    assert title in text
    case = tmp_path / "stranger.yaml"
    case.write_text(text, encoding="utf-8")
    one = bed().open()
    with one.page.expect_file_chooser() as chooser:
        one.click("Open a case file…")
    chooser.value.set_files(case)
    one.arrived()
    assert one.page.get_by_text(title, exact=False).first.is_visible()
    assert one.page.evaluate("document.querySelectorAll('img, .who script').length") == 0
    one.click("Pause")
    one.open()
    one.page.get_by_text(title, exact=False).first.wait_for()


def test_a_case_that_is_wrong_is_said_so(bed, server, tmp_path):
    case = tmp_path / "wrong.yaml"
    case.write_text("patient: {age: tall}\n", encoding="utf-8")
    one = bed().open()
    with one.page.expect_file_chooser() as chooser:
        one.click("Open a case file…")
    chooser.value.set_files(case)
    alert = one.page.get_by_role("alert")
    alert.wait_for()
    assert len(alert.inner_text()) > 20
    one.picture("problems")
    one.notice()
    one.wrong = [w for w in one.wrong if "422" not in w]  # the browser says of every refusal that it was one


def test_trainee_sees_no_truth(bed, server):
    run = server.new()
    teacher = bed().open(run)
    teacher.page.get_by_role("tab", name="Faults").click()
    names = teacher.page.locator(".faults .name, .faults [role=group] span").all_inner_texts()
    assert len(names) > 5
    teacher.region("Treatments").get_by_role("group", name="Bleeding").get_by_role("button").first.click()
    one = bed().open(run, role="trainee")
    assert one.page.get_by_role("tab").all_inner_texts()[:3] == ["Drugs", "Fluids", "Procedures"]
    assert one.page.get_by_role("tab", name="Faults").count() == 0
    assert "model view" not in one.page.content()
    for key in ("g", "o"):
        one.page.keyboard.press(key)
        one.page.get_by_role("dialog").wait_for()
        page = one.page.content()
        assert [name for name in names if name in page] == []
        one.close_panel()
    one.picture("trainee")
    one.notice()
    one.until(lambda: one.value("MAP") > 20)
    teacher.click("Pause")


def drawn(one, channel: str) -> list[float]:
    found: list[float] = one.page.evaluate("(c) => __perfuse.samples(c, 400)", channel)
    return found


def test_devices_at_the_heart(bed, server):
    """A transvalvular pump's waves, a balloon's timing, two supports as tabs, a heart of plastic, and none that is started at the bed."""
    one = bed().open(server.new("shock-scai-d", "impella"))
    device = one.region("Device")
    assert device.get_by_text("Placement signal").is_visible() and device.get_by_text("Motor current").is_visible()
    for channel in ("impella_placement", "impella_current"):
        one.until(lambda channel=channel: len(drawn(one, channel)) > 100)
    one.until(lambda: all(dots > 50 for dots in one.look("inked", ".support")))
    assert device.locator("canvas").count() == 2
    flow = one.value("impella_flow")
    one.click("Level: less", times=4)
    one.until(lambda: one.value("impella_flow") < flow - 0.5)
    one.picture("impella")
    one.click("Pause")

    one.open(server.new("shock-scai-d", "balloon"))
    augmented = one.until(lambda: one.text("iabp_augmented_diastolic") not in ("", "– –") and one.value("iabp_augmented_diastolic"))
    one.click("Inflation: more", times=10)
    one.until(lambda: abs(one.value("iabp_augmented_diastolic") - augmented) >= 2, 20)
    one.picture("balloon")
    one.click("Pause")

    one.open(server.new("shock-scai-d", "va+impella"))
    tabs = one.region("Circuit").get_by_role("tab")
    assert tabs.all_inner_texts() == ["VA-ECMO", "Catheter pump"]
    tabs.last.click()
    one.region("Device").get_by_text("Motor current").wait_for()
    one.click("Pause")

    one.open(server.new("dilated-heart-failure", "lvad"))
    one.region("Device").get_by_text("Pulse index").wait_for()
    one.until(lambda: one.value("lvad_flow_shown") > 1)
    one.click("Pause")

    one.open(server.new("fulminant-myocarditis", "tah"))
    one.region("Device").get_by_text("Left chamber").wait_for()
    one.until(lambda: one.value("pulsatile_left_flow") > 3)
    one.click("Pause")

    one.open(server.new("covid-ards", "none"))
    one.button("VV-ECMO").click()
    one.button("Clamp return line: open").wait_for(timeout=300_000)
    one.until(lambda: one.text("ecmo_flow") not in ("", "– –") and one.value("ecmo_flow") > 1, 20)
    one.picture("started")
    one.click("Pause")
