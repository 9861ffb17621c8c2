"""Pictures of the console: `python docs/draw_console.py` starts a server, drives Chromium and writes docs/pictures/console/NAME.png."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).resolve().parent / "pictures" / "console"
WIDE, TABLET = {"width": 1440, "height": 900}, {"width": 1024, "height": 768}
COMMAND = "from perfuse.views.cli import main; main()"


def begin(page: Page, address: str, patient: str, support: str) -> None:
    """A run of a card of each kind, open for some seconds."""
    body = json.dumps({"patient": patient, "support": support}).encode()
    with urlopen(Request(f"{address}api/runs", body, {"content-type": "application/json"})) as answer:
        run = json.load(answer)["run"]
    page.goto("about:blank")
    page.goto(f"{address}#run={run}")
    page.get_by_role("button", name="Pause", exact=True).wait_for(timeout=90000)
    page.wait_for_timeout(7000)


def main() -> None:
    """Draw every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        words = [sys.executable, "-c", COMMAND, "console", "--port", "0", "--no-open", "--store", f"{folder}/runs.db"]
        server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            address = next(found.group(0) for line in server.stdout if (found := re.search(r"http://\S+/", line)))
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport=WIDE)
            page.goto(address)
            page.wait_for_timeout(1000)
            page.screenshot(path=PICTURES / "start.png")
            for name, patient, support in (
                ("lvad", "dilated-heart-failure", "lvad"),
                ("impella", "shock-scai-c", "impella"),
                ("balloon", "shock-scai-c", "balloon"),
                ("chambers", "dilated-heart-failure", "biexcor"),
                ("artificial", "dilated-heart-failure", "tah"),
                ("two-devices", "shock-scai-d", "va+impella"),
                ("no-support", "shock-scai-d", "none"),
            ):
                begin(page, address, patient, support)
                page.screenshot(path=PICTURES / f"{name}.png")
            begin(page, address, "severe-ards", "va")
            page.get_by_role("button", name="Rest", exact=True).click()
            skip(page, 600)
            page.screenshot(path=PICTURES / "va.png")
            page.set_viewport_size(TABLET)
            page.wait_for_timeout(6500)
            page.screenshot(path=PICTURES / "va-tablet.png")
            page.set_viewport_size(WIDE)
            begin(page, address, "covid-ards", "vv")
            page.get_by_role("button", name="Draw gas", exact=True).click()
            page.get_by_role("menuitem").first.click()
            skip(page, 420)
            page.get_by_role("button", name="Draw gas", exact=True).click()
            page.get_by_role("menuitem").first.click()
            page.wait_for_timeout(3000)
            page.screenshot(path=PICTURES / "vv.png")
            page.set_viewport_size(TABLET)
            page.wait_for_timeout(2500)
            page.screenshot(path=PICTURES / "tablet.png")
            page.set_viewport_size(WIDE)
            theme(page, "Light")
            page.wait_for_timeout(7000)
            page.screenshot(path=PICTURES / "light.png")
            theme(page, "Dark")
            page.keyboard.press("g")
            page.wait_for_timeout(1500)
            page.screenshot(path=PICTURES / "trends.png")
            for key, name in (("p", "loops"), ("o", "menu"), ("j", "go-to"), ("?", "keys")):
                page.keyboard.press("Escape")
                page.wait_for_timeout(300)
                page.keyboard.press(key)
                page.wait_for_timeout(2500)
                page.screenshot(path=PICTURES / f"{name}.png")
            page.keyboard.press("Escape")
            page.keyboard.press("Space")
            page.wait_for_timeout(1000)
            page.screenshot(path=PICTURES / "paused.png")
            page.keyboard.press("Space")
            for _ in range(14):
                page.locator("[aria-label='Speed, rpm'] ~ button").first.click()
            page.get_by_role("tab", name="Faults").click()
            page.get_by_role("button", name="Bleeding 100 %").click()
            skip(page, 600)
            page.wait_for_timeout(7000)
            page.screenshot(path=PICTURES / "alarm.png")
            page.keyboard.press("a")
            page.keyboard.press("i")
            page.wait_for_timeout(1500)
            page.screenshot(path=PICTURES / "limits.png")
            page.keyboard.press("Escape")
            page.keyboard.press("Backspace")
            page.wait_for_timeout(1500)
            page.locator("[aria-label='Speed, rpm'] ~ button").first.click()
            skip(page, 120)
            page.screenshot(path=PICTURES / "courses.png")
            page.get_by_role("button", name="Menu").click()
            page.get_by_role("button", name="Deutsch").click()
            page.keyboard.press("Escape")
            page.wait_for_timeout(2000)
            page.screenshot(path=PICTURES / "german.png")
            browser.close()
        finally:
            server.terminate()
            server.wait()


def theme(page: Page, name: str) -> None:
    """Another theme, by the menu."""
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name=name, exact=True).click()
    page.keyboard.press("Escape")


def skip(page: Page, seconds: int) -> None:
    """Skip ahead, and let the sweep fill."""
    page.keyboard.press("6")
    page.wait_for_timeout(seconds / 60 * 1000)
    page.keyboard.press("1")
    page.wait_for_timeout(6500)


if __name__ == "__main__":
    main()
