"""What a page is told to show exists: every quantity, control and channel, for every support that can be chosen."""

import pytest

from perfuse.bedside.bed import Bed
from perfuse.bedside.layout import EXTRA_UNITS, layout
from perfuse.bedside.tables import table
from perfuse.bedside.trend import columns
from perfuse.parameters.faults import faults
from perfuse.parameters.problems import InputError
from perfuse.parameters.tables import controls, fluids
from perfuse.parameters.vocabulary import vocabulary
from perfuse.views.console.starts import _cards, chosen_case, offers, words_of

SUPPORTS = ["none", *_cards()["supports"]]
KNOWN = {*vocabulary(), *EXTRA_UNITS}
SAME = {
    *("MAP", "CVP", "PEEP", "FiO₂", "FdO₂", "dP", "Pven", "Pint", "Part", "Spre", "Spost", "Crs", "Pplat", "Vte", "Ppeak", "EtCO₂", "PP"),
    *("Esmolol", "Heparin", "LVAD", "RVAD", "BiVAD", "VV-ECMO", "VA-ECMO", "VAV-ECMO", "V-PA-ECMO", "V-PA ECMO", "COVID-19 ARDS"),
}
"""Words that are written alike in both languages."""


@pytest.fixture(scope="module", params=SUPPORTS)
def shown(request):
    """A bed on each support that a card offers, and its layout."""
    _, case = chosen_case("shock-scai-d", request.param)
    bed = Bed(case)
    pieces = bed.advance(50 * 3)
    return bed, layout(case, bed.monitor.art_site, False), pieces[-1]


def test_every_quantity_of_a_layout_is_reported(shown):
    bed, page, _ = shown
    rows = [row for group in page["groups"] for row in group["rows"]]
    named = {row["quantity"] for row in rows} | {name for row in rows for name in (*row["second"], row["third"]) if name}
    named |= {read["quantity"] for device in page["devices"] for read in device["reads"]}
    named |= {name for device in page["devices"] for wave in device["waves"] for name in wave["quantities"]}
    named |= {one["quantity"] for one in (*page["strip"], *page["ventilator"]["reads"], *page["limits"])}
    assert named <= KNOWN
    assert {row["quantity"] for row in rows} <= {*bed.shown, *bed.why}


def test_every_channel_of_a_layout_is_drawn(shown):
    _, page, drawn = shown
    assert set(page["channels"]) <= set(drawn)


def test_everything_that_can_be_set_is_there_and_within_its_range(shown):
    bed, page, _ = shown
    fields = [one for device in page["devices"] for one in device["sets"]] + page["ventilator"]["sets"] + page["drugs"]
    fields += [
        {**device_set["instead"], "low": 0, "high": 1e9}
        for device in page["devices"]
        for device_set in device["sets"]
        if "instead" in device_set
    ]
    names = [one["control"] for one in fields]
    assert len(names) == len(set(names))
    now = bed.settings(names)
    for one in fields:
        assert one["low"] - 1e-9 <= now[one["control"]] <= one["high"] + 1e-9, one["control"]


def test_every_lane_of_the_trends_is_kept(shown):
    _, page, _ = shown
    assert {lane["quantity"] for one in page["trends"] for lane in one["lanes"]} <= set(columns())
    assert page["trends"][0]["page"] == "Overview"


def test_what_can_befall_can_be_done(shown):
    bed, page, _ = shown
    kept = bed.state()
    for one in page["faults"]:
        bed.act({"do": "fault", "fault": one["fault"], "severity": 0.5})
    for one in page["procedures"]:
        bed.act({"do": "do", "procedure": one["name"]})
    for one in page["gases"]:
        bed.act({"do": "draw", "what": "gas", "site": one["site"]})
    for one in page["panels"]:
        bed.act({"do": "draw", "what": one["name"]})
    for one in page["fluids"]:
        bed.act({"do": "give", "fluid": one["name"], "volume": one["amount"]})
    bed.restore(kept)


def test_the_tray_names_what_exists():
    tray = table("tray")
    assert set(tray["drugs"]) <= set(controls())
    assert {one["give"] for one in tray["fluids"]} <= set(fluids())
    for plan in (*tray["procedures"].values(), *tray["presets"].values()):
        for control, value in plan["set"].items():
            entry = controls()[control]
            assert (entry.low or 0.0) <= value <= (entry.high if entry.high is not None else value), control


def test_limits_stand_in_the_order_of_their_priority():
    for quantity, entry in table("alarms").items():
        for side, sign in (("below", -1.0), ("above", 1.0)):
            given = [entry.get(side, {}).get(p) for p in ("low", "medium", "high")]
            found = [sign * value for value in given if value is not None]
            assert found == sorted(found), f"{quantity} {side}"


def test_a_trainee_is_told_less(shown):
    bed, page, _ = shown
    told = layout(bed.sim.case, bed.monitor.art_site, False, "trainee")
    assert told["faults"] == told["sensors"] == []
    assert not told["loops"]
    assert not told["aorta"]
    hidden = set(table("sights")["trainee"]["hides"])
    assert not hidden & {lane["quantity"] for one in told["trends"] for lane in one["lanes"]}
    assert len(told["groups"]) == len(page["groups"])


def test_cards_name_what_is_in_the_library():
    with pytest.raises(InputError, match="not offered"):
        chosen_case("nobody", "vv")
    for patient in _cards()["patients"]:
        assert chosen_case(patient, "none")[1].patient.library == patient


def test_the_second_language_knows_every_word_that_the_server_sends(shown):
    bed, page, _ = shown
    german = words_of("de")
    assert german is not None
    said = {one["label"] for device in page["devices"] for one in (*device["sets"], *device["reads"])}
    said |= {device["title"] for device in page["devices"]}
    said |= {
        one["label"] for one in (*page["fluids"], *page["procedures"], *page["drugs"], *page["faults"], *page["limits"], *page["sensors"])
    }
    said |= {one["words"] for one in (*page["panels"], *page["gases"], *page["supports"])}
    said |= {one["page"] for one in page["trends"]} | {row["site"] for group in page["groups"] for row in group["rows"] if row["site"]}
    said |= {one["words"] for one in table("signs").values()} | {faults()[name].title.capitalize() for name in bed.faults}
    assert not {word for word in said if word not in german and word not in SAME and any(c.isalpha() for c in word)}


def test_the_second_language_knows_the_first_page():
    german = words_of("de")
    assert german is not None
    said = {card[key] for kind in ("patients", "supports") for card in offers()[kind] for key in ("title", "line")}
    assert not {word for word in said if word not in german and word not in SAME}
