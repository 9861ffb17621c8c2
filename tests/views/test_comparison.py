"""The page of a comparison: the main quantities first, loops that are told apart without colour."""

import re

import pytest
from fake_run import FakeRun

from perfuse.views import comparison
from perfuse.views.labels import in_groups

NAMES = ("none", "vv", "va", "vav")


@pytest.fixture(scope="module")
def page() -> str:
    runs = {name: FakeRun(mode=name, with_waveforms=False, minutes=6.0) for name in NAMES}
    return comparison.comparison_html(comparison.summary("x", runs), runs, "perfuse compare x --support none,vv,va,vav")


def test_main_quantities_stand_before_all_others_and_only_once(page: str) -> None:
    heads = re.findall(r'<tr class="group"><th[^>]*>([^<]+)<', page)
    assert heads[:2] == ["Side by side", "Circulation"]
    assert page.count("Mean arterial pressure<span") == 1
    assert page.index("Lactate<span") < page.index(">Circulation<")


@pytest.mark.parametrize("ventricle", ["lv", "rv"])
def test_each_loop_carries_its_name_and_its_own_line(page: str, ventricle: str) -> None:
    drawing = next(svg for svg in re.findall(r"<svg.*?</svg>", page, flags=re.S) if f'id="loop-{ventricle}-' in svg)
    words = re.findall(r"<text[^>]*>([^<]+)<", drawing)
    assert {"no support", "VV", "VA", "VAV"} <= set(words)
    assert len(set(re.findall(r"stroke-dasharray: ([\d., ]+)", drawing))) >= len(NAMES) - 1


def test_names_of_combinations_are_read_and_said() -> None:
    assert comparison.supports(" none, va + impella_cp,va") == ["none", "va+impella_cp", "va"]
    assert comparison.called("va+impella_cp") == "VA + impella cp"


def test_what_stands_first_is_not_repeated_in_its_group() -> None:
    groups = in_groups(["HR", "MAP", "lactate", "new_name"], ("lactate", "MAP", "absent"))
    assert groups == [
        ("Side by side", ["lactate", "MAP"]), ("Circulation", ["HR"]), ("Other", ["new_name"]),
    ]  # fmt: skip
