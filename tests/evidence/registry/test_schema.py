"""The schema: every column is described, keeps to the names of the scores, and lies in an order in which references resolve."""

from perfuse.evidence.registry.schema import tables
from perfuse.parameters.units import known

MARKS = {"seen", "recalled-high", "recalled-medium", "recalled-low", "computed", "assumed"}
OTHER_UNITS = {"year", "points", "10^9/L", "1/min", "%", "1", "d"}


def test_every_column_says_what_it_is_where_it_comes_from_and_what_may_stand_there() -> None:
    for table in tables().values():
        assert table.about and table.source and table.mark in MARKS
        assert set(table.key) <= set(table.columns) and set(table.alike) <= set(table.columns)
        for column in table.columns.values():
            assert column.about and column.source and column.mark in MARKS, (table.name, column.name)
            if column.type in ("number", "integer"):
                assert column.low is not None and column.high is not None and column.low < column.high, column.name
                assert known(column.unit) or column.unit in OTHER_UNITS, column.unit
            if column.type == "enum":
                assert len(set(column.values)) == len(column.values) > 1


def test_references_and_orders_name_columns_that_exist_and_tables_that_come_earlier() -> None:
    seen: list[str] = []
    for table in tables().values():
        for column in table.columns.values():
            assert not column.references or column.references in seen
            assert not column.not_before or column.not_before in table.columns
            assert not column.within or "run_id" in table.columns
        seen.append(table.name)


def test_where_a_unit_can_be_mistaken_the_other_unit_would_be_noticed() -> None:
    for table in tables().values():
        for column in table.columns.values():
            if column.median is None:
                continue
            low, high = column.median
            assert column.low is not None and column.high is not None and column.low <= low < high <= column.high
            for unit, factor in column.like.items():
                # a column that is usual in ours is not usual when it is read in the other unit throughout
                assert not (low <= low / factor <= high and low <= high / factor <= high), (column.name, unit)


def test_families_of_complications_are_words_and_no_invented_numbers() -> None:
    kinds = tables()["complications"].columns["kind"].values
    assert {kind.split(".")[0] for kind in kinds} == {
        "mechanical", "haemorrhagic", "neurological", "renal", "cardiovascular", "pulmonary", "infection", "metabolic", "limb",
    }  # fmt: skip
