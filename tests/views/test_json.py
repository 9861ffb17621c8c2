"""JSON is always JSON: what is no finite number is null, and every reader takes what perfuse writes."""

import json
import math
from typing import Any

import pytest

from perfuse.bedside.packing import packed, unpacked
from perfuse.parameters.json_text import in_words, json_text, out_of_words, strict_json
from perfuse.views.cli import main


def strict(text: str) -> Any:
    """JSON as a strict reader takes it."""

    def fail(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=fail)


def test_what_is_no_finite_number_is_null_wherever_it_stands() -> None:
    data = {"a": math.nan, "b": [1.0, math.inf, (-math.inf, {"c": math.nan})], "d": "nan"}
    assert strict(json_text(data)) == {"a": None, "b": [1.0, None, [None, {"c": None}]], "d": "nan"}


def test_half_a_character_of_a_file_name_is_written_as_json_can() -> None:
    assert strict(json_text({"file": "\udcff.yaml"})) == {"file": "\udcff.yaml"}
    assert json_text({"file": "\udcff"}).encode()


def test_what_is_read_back_here_keeps_every_number() -> None:
    data = {"a": [math.inf, 0.1], "b": {"c": -math.inf}}
    assert json.loads(json_text(data, not_finite=in_words), object_hook=out_of_words) == data
    assert strict(packed({"a": math.nan}).decode()) and math.isnan(unpacked(packed({"a": math.nan}))["a"])


def test_what_others_give_is_not_mended() -> None:
    with pytest.raises(ValueError):
        strict_json([math.nan])


COMMANDS = [
    ["patients"],
    ["devices"],
    ["cases"],
    ["show", "quadrox_id"],
    ["show", "covid-ards"],
    ["trial", "--list"],
    ["score", "--list"],
    ["score", "resp"],
    ["score", "resp", "--age", "35"],
    ["registry", "schema"],
    ["evidence", "trials"],
    ["evidence", "meta", "--pool", "ecpr"],
]
WRONG = [
    ["run", "no-such-case.yaml"],
    ["run", "eolia-vv", "--seed", "-1"],
    ["run", "eolia-vv", "--seed", "0x" + "f" * 5000],
    ["run", "eolia-vv", "--seed", "9" * 5000],
    ["sweep", "eolia-vv", "--set", "pump.rpm=1e400"],
    ["sweep", "eolia-vv", "--set", "pump.rpm=" + "1," * 60000],
    ["compare", "eolia-vv", "--support", "va," * 30000],
    ["score", "resp", "--age", "1e400"],
    ["registry", "make", "--out", "x", "--runs=0x" + "f" * 5000],
    ["registry", "make", "--out", "x", "--censoring", "inf"],
    ["fly"],
]


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--json"])
    out = capsys.readouterr()
    assert "Traceback" not in out.err
    return int(str(ended.value.code)), strict(out.out)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_answers_in_json(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert said(words, capsys)[0] == 0


@pytest.mark.parametrize("words", WRONG, ids=lambda words: " ".join(words)[:40].encode("ascii", "replace").decode())
def test_wrong_input_is_told_in_json_too(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, found = said(words, capsys)
    assert code == 2 and found["problems"] and found["safety"]
    assert len(json.dumps(found)) < 20000
