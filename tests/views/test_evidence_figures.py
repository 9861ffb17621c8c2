"""Forest, funnel and prior figures: well-formed, in the page's colours, described in words, made for a phone too."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from perfuse.evidence.trials.bayes import posterior, priors
from perfuse.evidence.trials.meta import meta_analysis
from perfuse.evidence.trials.pools import pools
from perfuse.evidence.trials.studies import Study
from perfuse.evidence.trials.two_arms import Counts
from perfuse.views.forest import forest_of, forest_of_proportions
from perfuse.views.funnel_plot import funnel
from perfuse.views.lines_svg import plain_ticks, ratio_ticks, standalone
from perfuse.views.prior_figures import prior_map, three_curves

EOLIA = Counts(44, 124, 57, 125)
GROUPED = [Study(f"<{i}> & co", Counts(3 + i, 40 + i, 6 + i, 41), 2000 + i, "ab"[i % 2]) for i in range(6)]


def drawn() -> dict[str, str]:
    made = {}
    for narrow in (False, True):
        size = "narrow" if narrow else "wide"
        shock = meta_analysis(pools()["va-ecmo"].studies, "or")
        made[f"forest {size}"] = forest_of(shock, "shock", narrow=narrow)
        made[f"groups {size}"] = forest_of(meta_analysis(GROUPED, "rd"), narrow=narrow)
        made[f"proportions {size}"] = forest_of_proportions(pools()["h1n1"].cohorts, narrow=narrow)
        made[f"funnel {size}"] = funnel(shock, narrow=narrow)
        made[f"curves {size}"] = three_curves(posterior(EOLIA, priors()["minimal"]), narrow=narrow)
        made[f"map {size}"] = prior_map(EOLIA, narrow=narrow, marked={"sceptical": (0.0, 0.15)})
    return made


FIGURES = drawn()


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_one_described_picture_in_the_colours_of_the_page(name: str) -> None:
    svg = FIGURES[name]
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img" and len(str(root.get("aria-label"))) > 30
    assert "<style" not in svg and "http" not in svg.replace('xmlns="http://www.w3.org/2000/svg"', "").replace(
        'xmlns:xlink="http://www.w3.org/1999/xlink"', ""
    )
    if "map" not in name:  # the map keeps its colours, its labels stand on them
        assert re.findall(r"#[0-9a-f]{6}", svg) == []
    width = float(str(root.get("viewBox")).split()[2])
    assert width <= 380.0 if "narrow" in name else width >= 500.0


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_can_stand_alone_in_light_and_dark(name: str) -> None:
    text = standalone(FIGURES[name])
    root = ElementTree.fromstring(text)
    assert root.get("width") and "prefers-color-scheme:dark" in text and "Not for clinical use" in text


def test_a_forest_draws_every_study_once_and_as_large_as_its_weight() -> None:
    svg = FIGURES["forest wide"]
    halves = [float(w) for w in re.findall(r'<rect [^>]*width="([\d.]+)"', svg)]
    assert len(halves) == 4 and halves == sorted(halves, reverse=True)  # as the weights of this pool fall
    for name in ("ECLS-SHOCK", "ECMO-CS", "EURO-SHOCK", "Brunner ECLS pilot", "Pooled (REML)", "Prediction interval"):
        assert svg.count(f">{name}<") == 1
    assert "fewer events, intervention" in svg and "favours" not in svg
    assert "&lt;0&gt; &amp; co" in FIGURES["groups wide"] and "a: pooled" in FIGURES["groups wide"]


def test_an_interval_beyond_the_axis_ends_in_an_arrow() -> None:
    studies = [
        Study("tight", Counts(400, 1000, 500, 1000)),
        Study("vast", Counts(1, 9, 0, 9)),
        Study("other", Counts(300, 1000, 390, 1000)),
    ]
    assert forest_of(meta_analysis(studies, "rr")).count("<polygon") == 2  # the diamond, and the arrow of the vast one
    assert forest_of(meta_analysis([studies[0], studies[2]], "rr")).count("<polygon") == 1


def test_a_funnel_of_few_studies_says_that_it_is_not_to_be_trusted() -> None:
    assert "not to be trusted" in FIGURES["funnel wide"]


def test_ticks_are_round_and_inside() -> None:
    assert ratio_ticks(0.2, 5.0) == [0.2, 0.5, 1.0, 2.0, 5.0]
    assert ratio_ticks(0.85, 1.3) == [0.9, 1.0, 1.1, 1.25]
    assert 1.0 in ratio_ticks(0.001, 1000.0) and len(ratio_ticks(0.001, 1000.0)) <= 9
    assert plain_ticks(0.0, 1.0) == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert np.all(np.array(plain_ticks(-0.13, 0.07)) >= -0.13)
