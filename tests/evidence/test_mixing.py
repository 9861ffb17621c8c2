"""Oxygen on VV-ECMO as mixing: mass balance, and what each knob does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfuse.evidence.closed_forms import content, vv_arterial_content
from perfuse.evidence.mixing import Bed, along, oxygen, rated_flow

beds = st.builds(
    Bed,
    cardiac_output=st.floats(4.0, 12.0),
    ecmo_flow=st.floats(2.5, 6.0),
    recirculation=st.floats(0.0, 0.3),
    hb=st.floats(8.0, 14.0),
    vo2=st.floats(150.0, 250.0),
    shunt=st.floats(0.3, 1.0),
)


@given(beds)
def test_the_oxygen_that_enters_is_the_oxygen_that_is_consumed(bed: Bed) -> None:
    arterial = vv_arterial_content(bed.hb, bed.cardiac_output, bed.vo2, bed.ecmo_flow, bed.recirculation, bed.po2_post, bed.shunt)
    venous = arterial - bed.vo2 / (10.0 * bed.cardiac_output)
    through = min(bed.ecmo_flow * (1.0 - bed.recirculation), bed.cardiac_output)
    lung_inflow = (through * content(bed.po2_post, bed.hb) + (bed.cardiac_output - through) * venous) / bed.cardiac_output
    circuit = 10.0 * bed.cardiac_output * (lung_inflow - venous)
    lung = 10.0 * bed.cardiac_output * (1.0 - bed.shunt) * (content(100.0, bed.hb) - lung_inflow)
    assert circuit + lung == pytest.approx(bed.vo2, rel=1e-9)


@given(beds, st.floats(1.02, 1.5))
def test_more_cardiac_output_delivers_more(bed: Bed, factor: float) -> None:
    less, more = oxygen(bed), oxygen(replace(bed, cardiac_output=bed.cardiac_output * factor))
    if less is not None and more is not None:
        assert more.do2 > less.do2


@given(beds.map(lambda bed: replace(bed, shunt=1.0)), st.floats(1.02, 1.5))
def test_without_a_lung_more_cardiac_output_lowers_the_saturation(bed: Bed, factor: float) -> None:
    less, more = oxygen(bed), oxygen(replace(bed, cardiac_output=bed.cardiac_output * factor))
    if less is not None and more is not None:
        assert more.sao2 <= less.sao2 + 1e-6


@given(beds.map(lambda bed: replace(bed, shunt=1.0, cardiac_output=8.0, ecmo_flow=5.0)))
def test_without_a_lung_recirculation_leaves_the_drained_saturation(bed: Bed) -> None:
    none, some = oxygen(replace(bed, recirculation=0.0)), oxygen(replace(bed, recirculation=0.3))
    if none is not None and some is not None:
        assert some.spre == pytest.approx(none.spre, abs=1e-6)
        assert some.sao2 < none.sao2


def test_a_bed_that_cannot_live_has_no_steady_state() -> None:
    assert oxygen(Bed(ecmo_flow=0.5)) is None and oxygen(Bed(ecmo_flow=0.0)) is None
    assert [value for value, _ in along(Bed(), "ecmo_flow", (0.5, 4.5))] == [4.5]


def test_sixty_per_cent_of_the_cardiac_output_is_near_ninety_per_cent_saturation() -> None:
    """Schmidt 2013 Intensive Care Med 39:838 (recalled-high), in patients with a little lung left."""
    little = oxygen(Bed(ecmo_flow=3.6, recirculation=0.0, shunt=0.9))
    assert little is not None and 90.0 < little.sao2 < 95.0


def test_rated_flow_at_twelve_grams() -> None:
    assert 30.0 < rated_flow(12.0) < 35.0
