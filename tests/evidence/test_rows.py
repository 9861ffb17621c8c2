"""Every published row stands in the program once, with a way to check it or the reason why there is none."""

from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

from perfuse.evidence.expressions import names
from perfuse.evidence.readings import split_measures
from perfuse.evidence.rows import HERE, EquationCheck, Experiment, Plan, Row, mark_of, published, read_plans, rows
from perfuse.parameters.vocabulary import vocabulary

ROWS = rows()


def test_each_row_of_the_published_table_is_there_exactly_once_and_in_order() -> None:
    assert [row.id for row in ROWS] == [entry["id"] for entry in published()]
    assert max(Counter(row.id for row in ROWS).values()) == 1


def test_the_published_words_are_not_changed_on_the_way() -> None:
    for row, entry in zip(ROWS, published(), strict=True):
        assert (row.published, row.tolerance, row.kind) == (entry["published value"], entry["tolerance or range"], entry["kind"])


def test_every_row_has_a_check() -> None:
    assert [row.id for row in ROWS if row.plan.not_expressible] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.experiment], ids=lambda row: row.id)
def test_expectations_read_arms_moments_and_names_that_exist(row: Row) -> None:
    assert row.experiment is not None
    moments = {arm: split_measures(case)[1] for arm, case in row.experiment.arms.items()}
    for expected in row.plan.expect:
        for name in names(expected.quantity):
            parts = name.split(".")
            arm = parts.pop(0) if parts[0] in moments else next(iter(moments))
            assert len(moments) == 1 or name.split(".")[0] in moments, name
            if len(parts) == 2:
                assert parts.pop(0) in moments[arm], name
            assert parts[0] in vocabulary() or parts[0] in ("ESP", "ESV"), name


def test_marks_follow_the_words_of_the_source() -> None:
    assert mark_of("recalled (Kovacs 2009)", "high") == "recalled-high"
    assert mark_of("recalled (Petersen 2017)", "medium") == "recalled-medium"
    assert mark_of("recalled (x)", "low") == "recalled-low"
    assert mark_of("closed form", "high") == "computed"
    assert mark_of("computed from the cited equations", "medium") == "computed"
    assert mark_of("seen at PMC4537539", "high") == "seen"


def test_a_source_that_points_to_another_row_is_followed() -> None:
    by_id = {row.id: row for row in ROWS}
    assert by_id["E02"].source == by_id["E01"].source
    assert "Loeppky" in by_id["B19"].source


def test_a_plan_needs_checks_or_a_reason_and_not_both() -> None:
    with pytest.raises(ValidationError, match="not both"):
        Plan(id="X1")
    with pytest.raises(ValidationError, match="belong together"):
        Plan(id="X1", experiment="one")


def test_a_band_without_an_end_or_upside_down_is_refused() -> None:
    call = {"call": "perfuse.physiology.oxygen.so2", "unit": "1", "label": "x"}
    with pytest.raises(ValidationError, match="low, high or both"):
        EquationCheck.model_validate(call)
    with pytest.raises(ValidationError, match="above"):
        EquationCheck.model_validate({**call, "low": 2, "high": 1})


def test_a_check_can_only_call_this_package() -> None:
    with pytest.raises(ValidationError, match="pattern"):
        EquationCheck.model_validate({"call": "os.system", "unit": "1", "label": "x", "low": 0})


def test_matching_can_only_name_arms_that_exist() -> None:
    with pytest.raises(ValidationError, match="does not exist"):
        Experiment.model_validate({"arms": {"a": {}}, "matching": [{"on": "b", "free": ["svr"], "targets": {"MAP": 60}}]})


def test_a_file_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("schema: perfuse-validation/1\nrows:\n  - {id: A01, not_expressible: no device, tune: 1}\n", encoding="utf-8")
    with pytest.raises(ValidationError, match="tune"):
        read_plans([file])


def test_the_copied_tables_say_where_they_come_from() -> None:
    note = (HERE / "data" / "README.md").read_text(encoding="utf-8")
    assert all(path.name in note for path in (HERE / "data").glob("*.csv"))
