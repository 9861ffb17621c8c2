"""The report as a reader opens it."""

from pathlib import Path
from typing import Any

import pytest
from fake_run import LIMBS, FakeRun, back, drain, fitted_run

from perfuse.parameters.safety import SAFETY_TEXT
from perfuse.views.report import report_html

pytestmark = pytest.mark.browser
PHONE, DESK = 400, 1280


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report") / "report.html"
    place.write_text(report_html(fitted_run(), "perfuse run vv-covid-ards --seed 1"), encoding="utf-8")
    return place


class Opened:
    """A page in the browser with everything it asked for and complained about."""

    def __init__(self, browser: Any, file: Path, width: int = DESK, scheme: str = "light") -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(file.as_uri())

    def row(self, words: str) -> list[str]:
        """The cells of the table row that begins with these words, before any others."""
        row = self.page.locator("tr", has=self.page.locator("th", has_text=words)).first
        return [cell.strip() for cell in row.locator("td").all_inner_texts()]


@pytest.fixture
def desk(browser: Any, file: Path) -> Any:
    opened = Opened(browser, file)
    yield opened
    opened.page.close()


def test_the_page_asks_the_network_for_nothing(desk: Opened, file: Path) -> None:
    assert desk.asked == [file.as_uri()]
    assert desk.complaints == []


def test_the_safety_text_stands_at_head_and_foot(desk: Opened) -> None:
    text = desk.page.locator("body").inner_text()
    assert text.count(SAFETY_TEXT) == 2
    assert desk.page.locator(".notice").inner_text().upper().count("NOT FOR CLINICAL USE") == 1


def test_the_table_shows_before_end_and_change(desk: Opened) -> None:
    table = desk.page.locator("section[aria-labelledby=table]")
    row = table.locator("tr", has_text="Arterial carbon dioxide pressure")
    assert row.locator("td").all_inner_texts() == ["61", "43", "−18"]
    assert "mmHg" in row.inner_text()


def test_a_number_that_did_not_exist_before_support_is_a_dash(desk: Opened) -> None:
    assert desk.row("Drainage pressure") == ["–", "−62", "–"]


def test_the_fit_to_bedside_measurements_is_shown(desk: Opened) -> None:
    row = desk.page.locator("section[aria-labelledby=fit] tr", has_text="Central venous pressure")
    assert row.locator("td").all_inner_texts() == ["12.0", "11.3", "−0.7 (−6 %)"]


def test_every_site_has_its_gases(desk: Opened) -> None:
    text = desk.page.locator("section[aria-labelledby=gases]").inner_text()
    assert all(site in text for site in ("right radial", "femoral", "coronary", "brain", "pulmonary artery", "after membrane lung"))


def test_every_figure_is_drawn_and_told_in_words(desk: Opened) -> None:
    figures = desk.page.locator("figure svg:visible")
    assert figures.count() == 5  # circuit, two loops, waves, course
    for i in range(figures.count()):
        box = figures.nth(i).bounding_box()
        assert box["width"] > 300 and box["height"] > 200
        assert len(figures.nth(i).get_attribute("aria-label")) > 40


def test_events_in_the_list_carry_the_numbers_of_the_marks(desk: Opened) -> None:
    assert desk.page.locator("ol.events li").count() == 4
    assert "12:00" in desk.page.locator("ol.events li", has_text="crystalloid").inner_text()
    marks = desk.page.locator("section[aria-labelledby=trends] .wide svg text").all_text_contents()
    assert {"1", "2", "3", "4"} <= {mark.strip() for mark in marks}


def test_the_circuit_picture_carries_the_numbers(desk: Opened) -> None:
    texts = " ".join(desk.page.locator("svg.circuit text").all_text_contents())
    assert all(number in texts for number in ("4.62", "3450", "−62", "172", "134", "38", "73", "100", "4.5", "1.00"))


def test_sources_and_what_is_needed_to_run_it_again_are_told(desk: Opened) -> None:
    text = desk.page.locator("main").inner_text()
    assert all(
        words in text for words in ("QUADROX-iD", "recalled-high", "9f2c51d0a7be", "41d7e08bb32c", "perfuse run vv-covid-ards --seed 1")
    )


def test_words_from_a_case_cannot_become_markup(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "odd.html"
    file.write_text(report_html(FakeRun(title="<img src=http://x.example/a.png onerror=alert(1)> & co")), encoding="utf-8")
    opened = Opened(browser, file)
    assert opened.page.locator("h1").inner_text().startswith("<img src=")
    assert opened.asked == [file.as_uri()]
    opened.page.close()


@pytest.mark.parametrize("width", [320, PHONE, 768, DESK])
def test_nothing_is_wider_than_the_screen(browser: Any, file: Path, width: int) -> None:
    opened = Opened(browser, file, width)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.page.close()


def test_text_on_a_phone_stays_large_enough_to_read(browser: Any, file: Path) -> None:
    opened = Opened(browser, file, PHONE)
    smallest = opened.page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('figure svg text')]
             .filter(t => t.getClientRects().length && t.textContent.trim())
             .map(t => parseFloat(getComputedStyle(t).fontSize) * Math.hypot(t.getScreenCTM().a, t.getScreenCTM().b)))"""
    )
    assert smallest >= 8.5
    opened.page.close()


def test_ids_are_unique_so_that_no_figure_borrows_from_another(desk: Opened) -> None:
    assert (
        desk.page.evaluate(
            "() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.length - new Set(ids).size }"
        )
        == 0
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_paper(browser: Any, file: Path, scheme: str) -> None:
    opened = Opened(browser, file, scheme=scheme)
    worst = opened.page.evaluate(
        """() => {
          const linear = v => v / 255 <= .03928 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
          const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(linear); return .2126 * r + .7152 * g + .0722 * b };
          const paper = light(getComputedStyle(document.body).backgroundColor);
          const ratio = l => (Math.max(l, paper) + .05) / (Math.min(l, paper) + .05);
          const words = 'main p, main td, main th, main dt, main dd, figcaption';
          const seen = [...document.querySelectorAll(words)].map(e => getComputedStyle(e).color);
          const drawn = [...document.querySelectorAll('figure svg text')].map(e => getComputedStyle(e).fill);
          return Math.min(...[...seen, ...drawn].map(c => ratio(light(c))));
        }"""
    )
    assert worst >= 4.5
    opened.page.close()


def test_every_printed_page_says_that_it_is_not_for_clinical_use(desk: Opened, tmp_path: Path) -> None:
    desk.page.emulate_media(media="print")
    assert desk.page.locator(".everypage").is_visible()
    assert desk.page.evaluate("getComputedStyle(document.querySelector('.everypage')).position") == "fixed"


@pytest.mark.parametrize("mode", sorted(LIMBS))
def test_every_mode_of_support_has_its_picture(mode: str) -> None:
    words = {"vv": "Veno-venous", "va": "Veno-arterial", "vav": "Veno-arterio-venous", "vpa": "Veno-pulmonary"}
    assert f"{words[mode]} ECMO" in report_html(FakeRun(mode=mode, with_waveforms=False, minutes=6.0))


def test_a_dual_lumen_cannula_enters_at_the_neck_with_both_lumens() -> None:
    limbs = ([drain("avalon_31_drainage", "svc", "ivc")], [back("avalon_31_infusion", "ra")])
    page = report_html(FakeRun(limbs=limbs, with_waveforms=False, minutes=6.0))
    assert "one dual-lumen cannula" in page
    assert "Drainage: neck from inferior vena cava. Return: neck to right atrium" in page


def test_a_run_without_support_draws_no_circuit() -> None:
    page = report_html(FakeRun(mode="none", with_waveforms=False, minutes=6.0))
    assert 'class="circuit"' not in page
    assert "no support" in page


def test_a_run_that_diverged_says_so_before_anything_else() -> None:
    page = report_html(FakeRun(status={"ok": False, "text": "diverged at 3:12"}, with_waveforms=False, minutes=6.0))
    assert page.index("diverged at 3:12") < page.index("Perfused?")


def test_one_work_stands_once_in_the_sources_with_all_that_was_taken_from_it() -> None:
    from perfuse.views.tables import sources

    page = sources(
        [
            {"key": "patient.a", "text": "Heldt 2002: 60", "mark": "seen"},
            {"key": "patient.b", "text": "Heldt 2002: 20", "mark": "seen"},
            {"key": "patient.c", "text": "Burkhoff 1993: 0.3", "mark": "seen"},
        ]
    )
    assert page.count("Heldt 2002") == 1
    assert "patient.a (60); patient.b (20)" in page
    assert "Burkhoff 1993: 0.3" in page
