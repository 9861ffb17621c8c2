"""The keyboard alone, and a server that dies."""

import re

import pytest

pytestmark = [pytest.mark.browser]


def test_without_a_mouse(bed, server):
    one = bed().open()
    press = one.page.keyboard.press

    def tab_to(name: str, most: int = 40) -> None:
        for _ in range(most):
            press("Tab")
            if re.search(
                name, one.page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
            ):
                return
        raise AssertionError(f"{name} cannot be reached")

    tab_to("^COVID-19 ARDS")
    press("Enter")
    tab_to("^VV-ECMO")
    press("Enter")
    one.arrived()

    press("?")
    one.page.get_by_role("dialog", name="Keys").wait_for()
    press("Escape")
    one.page.get_by_role("dialog").wait_for(state="detached")

    press("s")
    press("ArrowUp")
    press("ArrowUp")
    one.until(lambda: one.set_value("Speed, rpm") == 3100)
    press("Shift+ArrowUp")
    one.until(lambda: one.set_value("Speed, rpm") == 3600)
    for digit in "2900":
        press(digit)
    assert "→ 2900" in one.spin("Speed, rpm").inner_text()
    press("Enter")
    one.until(lambda: one.set_value("Speed, rpm") == 2900)
    press("Escape")

    press("5")
    circuit = one.region("Circuit")
    one.until(lambda: "limits off" not in (circuit.text_content() or ""), 20, "the limits of the flow were not set")
    press("r")
    press("Enter")
    one.button("Clamp return line: closed").wait_for()
    alarm = one.page.get_by_role("group", name="Alarms").get_by_role("button").filter(has_text="!!").first
    alarm.wait_for(timeout=20_000)
    press("a")
    one.page.get_by_role("group", name="Alarms").get_by_text(re.compile("^seen after")).first.wait_for()
    press("r")
    press("Enter")
    one.button("Clamp return line: open").wait_for()

    press("l")
    press("1")
    one.region("Laboratory").get_by_text(re.compile("^back in")).wait_for()
    press("4")
    speeds = one.page.get_by_role("group", name="Speed of time")
    one.until(lambda: speeds.get_by_role("button", name="10×").get_attribute("aria-pressed") == "true")
    begun = one.clock()
    one.until(lambda: one.clock() > begun + 20)
    press(" ")
    one.button("Go on").wait_for()
    then = one.clock()
    press("Backspace")
    one.until(lambda: then - 11 <= one.clock() <= then - 9)
    press("b")
    one.until(lambda: one.page.get_by_role("group", name="Courses").get_by_role("button").count() == 2)
    press("m")
    one.page.get_by_role("button", name=re.compile("^Audio off")).wait_for()
    press("t")
    press("ArrowRight")
    assert one.page.get_by_role("tab", name="Fluids").get_attribute("aria-selected") == "true"
    press("ArrowDown")
    press("Enter")
    one.region("Treatments").get_by_text("given").wait_for()


def test_server_killed_and_started_again(bed, own_server):
    """The page comes back by itself, on the same run, at most a second earlier."""
    one = bed(at=own_server)
    one.may_lose = True
    one.open(own_server.new())
    one.click("Sweep gas: more")
    start = one.clock()
    one.until(lambda: one.clock() >= start + 4)
    line = one.page.get_by_role("group", name="Alarms")
    one.page.evaluate(
        """() => { window.times = []; new MutationObserver(() => times.push(document.querySelector('time').textContent))
            .observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true }); }"""
    )
    one.until(lambda: one.page.evaluate("times.length > 5"))
    own_server.kill()
    line.get_by_text("No connection").wait_for()
    last = one.clock()
    one.picture("lost")
    one.notice()
    own_server.start()
    line.get_by_text("No connection").wait_for(state="detached", timeout=20_000)
    one.until(lambda: one.clock() >= last + 2)
    shown = [seconds for words in one.page.evaluate("times") if (seconds := one.seconds(words)) is not None]
    assert min(shown[shown.index(last) :]) >= last - 1
    assert one.set_value("Sweep gas, L/min") == 5
    one.click("Pause")
