"""Records: each is whole, its bands cover every value once, and what cannot be worked out says why."""

import json

import pytest

from perfuse import evidence
from perfuse.evidence.scoring.answer import describe, interval_of
from perfuse.evidence.scoring.language import LanguageError, read_expression
from perfuse.evidence.scoring.library import find_score, score_ids
from perfuse.evidence.scoring.missing import _candidates, _expressions
from perfuse.evidence.scoring.reading import read_score
from perfuse.parameters.problems import InputError
from perfuse.parameters.safety import SAFETY_TEXT

AVAILABLE = [name for name in score_ids() if find_score(name).available]
UNAVAILABLE = {"modified_save", "ecmonet", "roch", "remember", "predict_va_ecmo", "predict_vv_ecmo", "ecls_shock_score", "sosic"}


def test_all_38_records_are_there() -> None:
    assert len(score_ids()) == 38
    assert {one["id"] for one in evidence.scores() if one["status"] == "not available"} == UNAVAILABLE
    assert {one["id"] for one in evidence.scores() if one["status"] == "described"} == {"scai", "intermacs"}
    assert all(one["why_not"] for one in evidence.scores() if not one["available"])


@pytest.mark.parametrize("name", score_ids())
def test_a_record_has_source_evidence_mark_and_plain_data(name: str) -> None:
    found = describe(find_score(name))
    assert found["source"] and found["evidence"] and found["mark"] and found["confidence"]
    assert found["safety"] == SAFETY_TEXT
    assert "not recommended for patient selection or individual management" in found["elso"]["text"]
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("name", [name for name in AVAILABLE if find_score(name).items])
def test_the_bands_of_an_item_cover_every_value_and_single_ones_only_once(name: str) -> None:
    record = find_score(name)
    limits = {one: set() for one in record.inputs}
    for expression in _expressions(record):
        for one, values in expression.limits.items():
            limits.setdefault(one, set()).update(values)
    for item in record.items.values():
        if len(item.of) > 1 or item.words:
            continue
        for value in _candidates(record.inputs[item.of[0]], limits[item.of[0]]):
            held = [band for band in item.bands if band.when.value({item.of[0]: value})]
            assert len(held) == 1, f"{item.name} at {value}"


@pytest.mark.parametrize("name", AVAILABLE)
def test_every_answer_is_plain_data_with_what_a_reader_needs_to_doubt_it(name: str) -> None:
    found = evidence.score(name)
    json.dumps(found, allow_nan=False)
    needed = {
        "contributions",
        "class_outcome",
        "external",
        "thresholds",
        "notes",
        "warnings",
        "safety",
        "elso",
        "source",
        "mark",
        "missing",
    }
    assert needed <= set(found)
    assert found["missing"]


def test_a_class_stands_beside_its_cohort_and_what_was_found_later() -> None:
    found = evidence.score("preset", map_mmHg=85, lactate_mmol_L=2.0, pH=7.25, platelets_10e9_L=180, hospital_days=4)
    assert found["class_outcome"]["cohort"]["n"] == 108
    assert any(one["n"] == 283 and "weak" in one["result"] for one in found["external"])
    assert any("PROBAST" in one["result"] for one in found["external"])
    resp = describe(find_score("resp"))
    later = next(one for one in resp["external"] if one["n"] == 1985)
    assert list(later["by_class"].values()) == [69.7, 59.3, 45.7, 42.5, 32.3]
    assert [one["later"][0]["pct"] for one in resp["classes"]] == [69.7, 59.3, 45.7, 42.5, 32.3]


def test_no_interval_is_told_where_the_number_of_a_class_is_not_known() -> None:
    for name in AVAILABLE:
        for one in describe(find_score(name))["classes"]:
            assert one["n"] is not None or not any(one["interval_95"].values())


def test_wilson_interval_of_roch_classes() -> None:
    low, high = interval_of(40.0, 58)  # 23 of 58
    assert (low, high) == pytest.approx((28.1, 52.5), abs=0.05)
    assert interval_of(0.0, 10)[0] == 0.0 and interval_of(100.0, 10)[1] == pytest.approx(100.0)


def test_a_record_with_mistakes_is_refused_with_each_of_them(tmp_path) -> None:
    text = """
name: Mine
status: implementable
inputs:
  age: {type: number, unit: years}
  sex: {type: enum, values: [f, m]}
items:
  age: {of: age, bands: [{when: '> fourty', points: 1}, {when: '<= 40 years', points: 0}]}
  sex: {of: sex, words: {f: 1}}
  nothing: {of: weight, bands: []}
clases: {}
source: me
evidence: none
confidence: none
mark: sure
"""
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_score(file)
    said = str(caught.value)
    for words in ("'range' is missing", "fourty", "cannot be read", "every word", "'weight' is no input", "clases", "'sure' is not a mark"):
        assert words in said


@pytest.mark.parametrize(
    "text", ["__import__('os')", "age.real", "open('x')", "lambda: 1", "[x for x in y]", "age if a else b", "1 <", "< 5"]
)
def test_the_language_of_records_is_small(text: str) -> None:
    with pytest.raises(LanguageError):
        read_expression(text)


def test_absent_inputs_make_comparisons_fail_and_arithmetic_empty() -> None:
    assert read_expression("a > 1 or b > 1").value({"a": None, "b": 2}) is True
    assert read_expression("not (a < 5)").value({"a": None}) is True
    assert read_expression("a + 1").value({"a": None}) is None
    assert read_expression("1 / a").value({"a": 0}) is None
    assert read_expression(">= 50, < 60", "age").limits == {"age": (50.0, 60.0)}


def test_stages_and_profiles_are_described() -> None:
    scai = evidence.describe_score("scai")
    assert scai["known"]["by_stage"] == {"A": 3.0, "B": 7.1, "C": 12.4, "D": 40.4, "E": 67.0}
    assert scai["known"]["mark"] == "recalled-high" and scai["known"]["n"] == 10004
    assert list(evidence.describe_score("intermacs")["stages"]) == list("1234567")
    assert evidence.describe_score("roch")["known"]["classes"][0]["interval_95"] == pytest.approx([28.1, 52.5], abs=0.1)
