"""Many patients at once: one row in, one row out, the same bits as one by one, and failure told of one patient alone."""

from typing import Any

import pyarrow as pa
import pytest

import perfuse as pf
from perfuse.results import many
from perfuse.results.rows_given import rows_of

MINUTES = 1.0
SUPPORT = pf.vv_ecmo(start=20)
ROWS = [
    {"patient": "covid-ards", "shunt": 0.3 + 0.02 * i, "pump.rpm": 2600 + 100 * i, "drug.norepinephrine": 0.01 * i, "seed": i}
    for i in range(10)
]  # fmt: skip


@pytest.fixture(scope="module")
def together() -> pa.Table:
    return pf.simulate_many(ROWS, support=SUPPORT, minutes=MINUTES, protocol=[{"at": 30, "set": {"gas.fdo2": 0.6}, "over": 7.3}])


@pytest.mark.parametrize("number", [0, 3, 9])
def test_many_have_the_same_bits_as_one_by_one(together: pa.Table, number: int) -> None:
    row = ROWS[number]
    alone = pf.simulate(
        {"library": "covid-ards", "set": {"shunt": row["shunt"]}},
        pf.vv_ecmo(rpm=row["pump.rpm"], start=20),  # type: ignore[arg-type]
        minutes=MINUTES,
        protocol=[
            {"at": 20, "set": {"drug.norepinephrine": row["drug.norepinephrine"]}},
            {"at": 30, "set": {"gas.fdo2": 0.6}, "over": 7.3},
        ],
        seed=row["seed"],  # type: ignore[arg-type]
    )
    found = together.slice(number, 1).to_pylist()[0]
    assert {name: found[f"{name}_end" if name == "shunt" else name] for name in alone.after} == alone.after
    assert found["status"] == "ok"


def test_rows_come_out_as_they_went_in_with_their_inputs(together: pa.Table) -> None:
    assert together.num_rows == len(ROWS)
    assert together.column("pump.rpm").to_pylist() == [row["pump.rpm"] for row in ROWS]
    flows = together.column("ecmo_flow").to_pylist()
    assert flows == sorted(flows)
    assert b"Not a medical device" in together.schema.metadata[b"safety"]


def test_a_patient_who_diverges_says_so_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiled(case: Any, values: Any, support: Any) -> dict[str, float]:
        rows = true_column(case, values, support)
        return rows | {"lv_volume": float("nan")} if values["weight"] == 91.0 else rows

    true_column = many.first_column
    rows = [{"patient": "healthy-adult", "weight": weight} for weight in (75.0, 91.0, 80.0)]
    sound = pf.simulate_many(rows, minutes="40 s")
    monkeypatch.setattr(many, "first_column", spoiled)
    found = pf.simulate_many(rows, minutes="40 s")
    assert [status == "ok" for status in found.column("status").to_pylist()] == [True, False, True]
    assert "diverged" in found.column("status")[1].as_py()
    assert found.column("MAP")[1].as_py() is None
    assert found.take([0, 2]).equals(sound.take([0, 2]))


def test_a_patient_who_diverges_later_says_before_when(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(case: Any) -> list[Any]:
        from perfuse.engine.run import Ramp
        from perfuse.results.course import Event

        return [Event(15.0, "", [Ramp(15.0, "lv_volume", float("nan"))])] if case.seed == 2 else []

    monkeypatch.setattr(many, "protocol_events", late)
    found = pf.simulate_many([{"patient": "healthy-adult", "seed": seed} for seed in (1, 2)], minutes="20 s")
    assert found.column("status").to_pylist()[0] == "ok"
    assert "diverged before 20 s" in found.column("status")[1].as_py()


def test_a_table_may_be_columns_rows_or_arrow() -> None:
    columns = {"patient": ["a", "b"], "shunt": [0.1, None]}
    rows = [{"patient": "a", "shunt": 0.1}, {"patient": "b", "shunt": None}]
    assert rows_of(columns) == rows_of(rows) == rows_of(pa.table(columns)) == rows


def test_an_empty_cell_leaves_the_value_as_it_is() -> None:
    found = pf.simulate_many({"patient": ["healthy-adult"] * 2, "heart_rate": [None, float("nan")]}, minutes="5 s")
    assert found.column("MAP")[0] == found.column("MAP")[1]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([{"patiant": "healthy-adult"}], "Did you mean patient"),
        ([{"shunt": 0.2}], "'patient' is missing"),
        ([], "no row"),
        (3, "the table is none"),
        ({"patient": ["healthy-adult"], "shunt": [0.1, 0.2]}, "not equally long"),
    ],
)
def test_a_table_that_is_none_is_refused(table: Any, said: str) -> None:
    with pytest.raises(pf.InputError) as error:
        pf.simulate_many(table, support=SUPPORT, minutes=MINUTES)
    assert said in str(error.value)


def test_every_problem_of_every_row_is_told_at_once_and_once() -> None:
    rows = [{"patient": "healthy-adult", "shunt": 3.0, "pump.rpm": 9000.0}] * 7 + [{"patient": "nobody", "drain2.clamp": 1.0}]
    with pytest.raises(pf.InputError) as error:
        pf.simulate_many(rows, support=SUPPORT, minutes=MINUTES)
    places = {problem.place for problem in error.value.problems}
    assert places == {
        "shunt in rows 1, 2, 3, 4, 5 and 2 more", "pump.rpm in rows 1, 2, 3, 4, 5 and 2 more", "patient in row 8", "drain2.clamp in row 8",
    }  # fmt: skip
