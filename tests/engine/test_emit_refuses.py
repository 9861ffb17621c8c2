"""What the emitter does not write is refused: file and line, the piece, why, and what to write instead. Rather that than other numbers."""

import re
from pathlib import Path

import pytest
from written import file_module

from perfuse.engine.emit import EmitError, Emitter

PREAMBLE = """
import dataclasses, functools, math
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from perfuse import ops
from perfuse.ops import Rows, equation

NUMBERS, ZERO, WORD, BIG, ON = [1.0, 2.0], 0.0, "a", 2**53 + 1, True
SHARES = (1.0, 2.0)

class Pair(NamedTuple):
    a: float
    b: float = 1.0

class Other(NamedTuple):
    a: bool

PAIR = Pair(1.0, 2.0)

@dataclass
class Open:
    a: float

FREE = Open(1.0)

@dataclass(frozen=True)
class Busy:
    a: float
    def __post_init__(self) -> None: ...

@dataclass(frozen=True)
class Filled:
    a: float = field(init=False, default=1.0)

class Longer(Pair):
    c: float = 0.0

class Counted(NamedTuple):
    a: float
    n: int

def unmarked(x: float) -> float:
    return x

@equation
def half(x: float) -> float:
    return x / 2.0

@equation
def shift(x: float, by: float = 1.0, to: int = 2) -> float:
    return x + by

@equation
def default_group(x: float, p: Pair = PAIR) -> float:
    return x + p.a

@equation
def a_of(p: Pair | Other) -> float:
    return 1.0

def rows(buf: Rows, n: int) -> None:
    buf[n] = 1.0

def marks(function):
    return function

def changes(function):
    @functools.wraps(function)
    def inside(x: float, y: float) -> float:
        return function(y, x)
    return inside
"""

IN_AN_EQUATION = [
    # fields that are replaced
    ("return Pair(x, y)._replace(a=y).a", "Pair(x, y)._replace(a=y)", "give the group a name first"),
    ("return x._replace(a=y)", "x._replace(a=y)", "give the group a name first"),
    ("p = Pair(x, y)\n    return p._replace(c=y).a", "p._replace(c=y)", "it has a, b"),
    # operators
    ("return x ** y", "x ** y", "perfuse.ops.power"),
    ("return x // y", "x // y", "use + - * /"),
    ("return x % 2.0", "x % 2.0", "use + - * /"),
    ("return x @ y", "x @ y", "use + - * /"),
    ("return +x", "+x", "use + - * /"),
    ("return ~x", "~x", "use + - * /"),
    ("return x / 0", "x / 0", "zero"),
    ("return x / ZERO", "x / ZERO", "zero"),
    ("return 1.0 / ZERO", "1.0 / ZERO", "zero"),
    ("return x + BIG", "BIG", "2**53"),
    ("return x * 9007199254740993", "9007199254740993", "2**53"),
    ("return x + 10 ** 30", "10 ** 30", "2**53"),
    # numbers that are whole, and where Python reckons otherwise
    ("return 1", "1", "1.0 for 1"),
    ("return x if x > y else 0", "x if x > y else 0", "1.0 for 1"),
    ("return half(1)", "1", "1.0 for 1"),
    ("return math.floor(x)", "math.floor(x)", "1.0 for 1"),
    ("return x * -math.floor(y)", "-math.floor(y)", "float(math.floor(x))"),
    ("return x + math.floor(x) * math.floor(y)", "math.floor(x) * math.floor(y)", "float(math.floor(x))"),
    ("return x + math.floor(x) * 2", "math.floor(x) * 2", "float(math.floor(x))"),
    # truth
    ("return x and y", "x and y", "compare"),
    ("return x or y", "x or y", "compare"),
    ("return x if y else 1.0", "x if y else 1.0", "compare"),
    ("return 1.0 if not x else y", "not x", "compare"),
    ("return x * (x > y)", "x * (x > y)", "use + - * /"),
    ("return -(x > y)", "-(x > y)", "there is no"),
    ("return x > y", "x > y", "needed"),
    ("return float(x > y)", "float(x > y)", "of a number"),
    ("return 1.0 if (x > y) == (y > 0.0) else 0.0", "(x > y) == (y > 0.0)", "numbers"),
    ("return 1.0 if (x > y) < 1.0 else 0.0", "(x > y) < 1.0", "numbers"),
    ("return 1.0 if x > y and HALF > 0.0 else 0.0", "HALF", "nothing here has the name"),
    ("return 1.0 if x > y and ZERO < 1.0 else 0.0", "x > y and ZERO < 1.0", "one kind"),
    ("return 1.0 if x is y else 0.0", "x is y", "=="),
    ("return 1.0 if x in SHARES else 0.0", "SHARES", "no number"),
    ("return x if (ZERO < 1.0 if x > y else ZERO > 1.0) else y", "ZERO < 1.0 if x > y else ZERO > 1.0", "of one kind"),
    ("return x if True else y", "True", "no counterpart of Constant"),
    ("return x if ON else y", "ON", "no number"),
    ("if x > y:\n        return x\n    return y", "x > y", "a if c else b"),
    ("if x:\n        x = y\n    return x", "x", "a if c else b"),
    # what else an expression may be
    ('return x + "a"', "'a'", "use + - * /"),
    ("return x + WORD", "WORD", "no number"),
    ("return x + 1j", "1j", "use + - * /"),
    ('return f"{x}"', "f'{x}'", "use + - * /"),
    ("return [x, y]", "[x, y]", "use + - * /"),
    ("return {1.0: x}[1.0]", "{1.0: x}[1.0]", "use + - * /"),
    ("return {x}", "{x}", "use + - * /"),
    ("return (x, y)", "(x, y)", "use + - * /"),
    ("return lambda: x", "lambda: x", "use + - * /"),
    ("return sum([z for z in SHARES])", "sum", "no equation"),
    ("return (z for z in SHARES)", "(z for z in SHARES)", "use + - * /"),
    ("return (z := x) + z", "(z := x)", "use + - * /"),
    ("return NUMBERS[0] * x", "NUMBERS", "make it a tuple"),
    ("return SHARES[0] + SHARES[2]", "SHARES[2]", "use + - * /"),
    ("return FREE.a * x", "FREE", "make it a tuple"),
    ("return SHARES * x", "SHARES", "no number"),
    ("yield x\n    return x", "yield x", "name = ..."),
    ("return x + (yield)", "(yield)", "use + - * /"),
    ("return missing + x", "missing", "nothing here has the name"),
    ("return ops.missing * x", "ops", "no number"),
    # calls
    ("return unmarked(x)", "unmarked(x)", "mark it @equation"),
    ("return max(x, y)", "max(x, y)", "perfuse.ops"),
    ("return abs(x)", "abs(x)", "perfuse.ops"),
    ("return int(x)", "int(x)", "perfuse.ops"),
    ("return math.exp(x)", "math.exp(x)", "perfuse.ops"),
    ("return math.sqrt(x, y)", "math.sqrt(x, y)", "perfuse.ops"),
    ("return missing(x)", "missing(x)", "import"),
    ("return ops.missing(x)", "ops.missing(x)", "import"),
    ("return half(*SHARES)", "half(*SHARES)", "write each out"),
    ('return half(**{"x": y})', "half(**{'x': y})", "write each out"),
    ("return half(x, y)", "half(x, y)", "it takes x"),
    ("return half(z=x)", "half(z=x)", "it takes x"),
    ("return half()", "half()", "x is not given"),
    ("return half(x, x=y)", "half(x, x=y)", "given twice"),
    ("return half(x > y)", "x > y", "give a number of each patient"),
    ("return default_group(x)", "default_group(x)", "give it"),
    ("return f(y, x)", "f(y, x)", "range"),
    ("half = x\n    return half(half)", "half(half)", "nothing here has the name"),
    ("math = PAIR\n    return math.sqrt(x)", "PAIR", "no number"),
    ("float = x\n    return float(y)", "float(y)", "nothing here has the name"),
    # groups
    ("return Pair(x)", "Pair(x)", "needed"),
    ("return Pair(x).c", "Pair(x).c", "name a field"),
    ("return x.a", "x.a", "name a field"),
    ("return Pair(x)[0]", "Pair(x)[0]", "use + - * /"),
    ("return Pair(x, c=y).a", "Pair(x, c=y)", "it takes a, b"),
    ("return Pair(x, x > y).a", "x > y", "give a number"),
    ("return Pair().a", "Pair()", "a is not given"),
    ("return (Pair(x) if x > y else Pair(y)).a", "Pair(x) if x > y else Pair(y)", "each of its fields"),
    ("p = Pair(x)\n    p.a = y\n    return p.a", "p.a", "a new group"),
    ("p = Pair(x)\n    a, b = p\n    return a", "(a, b)", "give each"),
    ("return Pair(x).count(x)", "Pair(x).count(x)", "import"),
    ("return 1.0 if Pair(x) == Pair(y) else 0.0", "Pair(x) == Pair(y)", "numbers"),
    ("return default_group(x, PAIR)", "PAIR", "no number"),
    ("return a_of(x)", "x", "is needed"),
    ("return a_of(Pair(x)) + Pair(x)", "a_of(Pair(x)) + Pair(x)", "use + - * /"),
    # names that have no value, or another
    ("if ZERO < 1.0:\n        z = x\n    return z", "z", "whatever happens"),
    ("for k in range(0):\n        z = x\n    return z", "z", "whatever happens"),
    ("for k in range(3):\n        x = x + z\n        z = x\n    return x", "z", "whatever happens"),
    ("for k in range(3):\n        x = x + k\n    return x + k", "k", "whatever happens"),
    ("ZERO = ZERO + x\n    return ZERO", "ZERO", "whatever happens"),
    ("z += x\n    return z", "z", "whatever happens"),
    ("for x in range(3):\n        y = y + 1.0\n    return x + y", "x", "another name"),
    ("for k in range(3):\n        for k in range(2):\n            x = x + k\n    return x", "k", "another name"),
    ("for k in range(3):\n        k = k + 1\n    return x", "k", "another name"),
    ("for k in range(3):\n        k += 1\n    return x", "k", "another name"),
    ("z = 0\n    z = z + x\n    return z", "z", "1.0 for 1"),
    ("x = 1\n    return x", "x", "1.0 for 1"),
    ("z = x > y\n    z = x\n    return z", "z", "another name"),
    ("z = Pair(x)\n    z = x\n    return z", "z", "another name"),
    ("a, b = x, x > y\n    a, b = b, a\n    return x", "a", "another name"),
    # statements
    ("while x > y:\n        x = x - 1.0\n    return x", "while x > y:", "range"),
    ("try:\n        return x\n    finally:\n        pass", "try:", "last line"),
    ("with x:\n        y = x\n    return x", "with x:", "range"),
    ("assert x > y\n    return x", "assert x > y", "range"),
    ("raise ValueError\n    return x", "raise ValueError", "range"),
    ("del y\n    return x", "del y", "range"),
    ("import math\n    return x", "import math", "range"),
    ("global ZERO\n    ZERO = x\n    return x", "global ZERO", "range"),
    ("def g(x): return x\n    return g(x)", "g", "range"),
    ("class G: ...\n    return x", "class G:", "range"),
    ("match x:\n        case 1.0: x = y\n    return x", "match x:", "range"),
    ("a = b = x\n    return a", "a = b = x", "range"),
    ("a: float\n    return x", "a: float", "range"),
    ("a: int = 1\n    return x", "a: int = 1", "range"),
    ("a: float = 1\n    return x", "1", "1.0 for 1"),
    ("a, *b = x, y\n    return a", "*b", "give each"),
    ("(a, b), c = (x, y), x\n    return a", "(x, y)", "use + - * /"),
    ("x\n    return x", "x", "range"),
    ("half(x) + 1.0\n    return x", "half(x) + 1.0", "range"),
    ("for k in SHARES:\n        x = x + k\n    return x", "for k in SHARES:", "range"),
    ("for k, j in enumerate(SHARES):\n        x = x + k\n    return x", "for k, j in enumerate(SHARES):", "range"),
    ("for k in range(x):\n        x = x + k\n    return x", "x", "give a whole number"),
    ("for k in range(3.0):\n        x = x + k\n    return x", "3.0", "give a whole number"),
    ("for k in range(3, 1, 0):\n        x = x + k\n    return x", "for k in range(3, 1, 0):", "not 0"),
    ("for k in range():\n        x = x + k\n    return x", "for k in range():", "range"),
    ("range = x\n    for k in range(3):\n        x = x + k\n    return x", "for k in range(3):", "range"),
    ("for k in range(3):\n        x = x + k\n    else:\n        x = y\n    return x", "for k in range(3):", "range"),
    ("for k in range(3):\n        break\n    return x", "break", "range"),
    ("for k in range(3):\n        continue\n    return x", "continue", "range"),
    ("for k in range(3):\n        return x\n    return y", "return x", "last line"),
    ("if ZERO < 1.0:\n        return x\n    return y", "return x", "last line"),
    ("x = y", "x = y", "last line"),
    ("return", "return", "last line"),
    ("pass", "pass", "last line"),
    ("rows(x, 1)\n    return x", "x", "the buffer"),
    ("z = rows\n    return x", "rows", "no number"),
]

IN_A_ROUTINE = [
    ("if x:\n        buf[0] = x", "x", "a if c else b"),
    ("if buf[0] > x:\n        buf[0] = x", "buf[0] > x", "a if c else b"),
    ("buf[0] = n", "buf[0]", "float(n)"),
    ("buf[0] = buf[1] > x", "buf[0]", "give a number"),
    ("buf[-1] = x", "buf[-1]", "number of the row"),
    ("buf[x] = x", "x", "give a whole number"),
    ("buf[0:2] = x", "0:2", "use + - * /"),
    ("buf[0] = buf[n / 2]", "n / 2", "give a whole number"),
    ("buf[n // 0] = x", "n // 0", "zero"),
    ("buf[n % 0] = x", "n % 0", "zero"),
    ("buf[n << 1] = x", "n << 1", "use + - * /"),
    ("buf[n ** 2] = x", "n ** 2", "perfuse.ops.power"),
    ("buf[n and 1] = x", "n and 1", "compare"),
    ("buf[0] = x if n else 1.0", "x if n else 1.0", "compare"),
    ("buf[0] = float(n if buf[0] > x else 2)", "n if buf[0] > x else 2", "1.0 for 1"),
    ("now = x\n    now = now + buf[0]", "now", "x: float = ..."),
    ("now = x\n    now: float = buf[0]", "now", "another name"),
    ("x = buf[0]", "x", "another name"),
    ("n = x", "n", "float(n)"),
    ("b = buf\n    b[0] = x", "b", "groups"),
    ("buf, b = x, buf", "buf", "groups"),
    ("b = rows(buf, n)", "b", "numbers"),
    ("buf[0] = rows(buf, n)", "buf[0]", "give a number"),
    ("rows(buf, 1.0)", "1.0", "give a whole number"),
    ("rows(n, n)", "n", "the buffer"),
    ("for i in range(n):\n        z = x\n    buf[0] = z", "z", "whatever happens"),
    ("if n > 1:\n        z = x\n    buf[0] = z", "z", "whatever happens"),
    ("for i in range(0, n, n):\n        buf[i] = x", "for i in range(0, n, n):", "not 0"),
    ("for n in range(3):\n        buf[n] = x", "n", "another name"),
    ("if n > 1:\n        return\n    buf[0] = x", "return", "last line"),
    ("return x", "x", "give nothing"),
    ("Pair(x, x).a = buf[0]", "Pair(x, x).a", "a new group"),
    ("p = Pair(x, x)\n    p[0] = buf[0]", "p[0]", "use + - * /"),
    ("print(x)", "print(x)", "perfuse.ops"),
    ("buf.append(x)", "buf.append(x)", "import"),
]

SIGNATURES = [
    ("(x) -> float", "x", "say float"),
    ("(x: float, y) -> float", "y", "say float"),
    ("(x: int) -> float", "x: int", "say float"),
    ("(x: complex) -> float", "x: complex", "say float"),
    ("(x: float | None) -> float", "x: float | None", "say float"),
    ("(x: Pair | None) -> float", "x: Pair | None", "say float"),
    ("(x: [float]) -> float", "x: [float]", "say float"),
    ("(x: float)", "f", "annotate"),
    ("(x: float) -> int", "f", "annotate"),
    ("(x: Pair | Other) -> Pair | Other", "f", "annotate"),
    ("(buf: Rows, x: complex) -> float", "x: complex", "say float"),
    ("(buf: Rows, n: int)", "f", "annotate"),
    ("(buf: Rows) -> Rows", "f", "annotate"),
    ("(*x: float) -> float", "x: float", "name each"),
    ("(x: float, **y: float) -> float", "y: float", "name each"),
]

GROUPS = [
    ("Open", "frozen=True"),
    ("Busy", "frozen=True"),
    ("Filled", "frozen=True"),
    ("Longer", "NamedTuple"),
    ("Counted", "one of these"),
]

FUNCTIONS = [
    # marks and decorators
    ("""
def f(x: float) -> float:  # here
    return x
""", "f", "mark it"),
    ("""
@equation
@changes
def f(x: float, y: float) -> float:
    return x
""", "f", "no decorator but @equation"),
    ("""
@changes
@equation
def f(x: float, y: float) -> float:
    return x
""", "f", "no decorator but @equation"),
    ("""
@marks  # here
@equation
def f(x: float) -> float:
    return x
""", "marks", "leave it out"),
    ("""
@functools.cache
def g(x: float) -> float:
    return x

@equation
def f(x: float) -> float:
    return g(x)  # here
""", "g(x)", "mark it"),
    # where it stands
    ("""
f = equation(lambda x: x)  # here
""", "<lambda>", "top of its file"),
    ("""
def made():
    @equation  # here
    def g(x: float) -> float:
        return x
    return g

f = made()
""", "g", "top of its file"),
    ("""
class C:
    @equation  # here
    def g(x: float) -> float:
        return x

f = C.g
""", "g", "top of its file"),
    # what it calls and returns
    ("""
@equation
def f(x: float) -> float:
    return g(x)

@equation
def g(x: float) -> float:
    return f(x)  # here
""", "f(x)", "range"),
    ("""
@equation
def f(x: float) -> None:  # here
    return
""", "f", "annotate"),
    ("""
def f(buf: Rows, n: int) -> float:
    buf[0] = 1.0  # here
""", "buf[0] = 1.0", "last line"),
    ("""
@equation
def f(x: float) -> float:
    return Open(x).a
""", "Open", "frozen=True"),
    ("""
@equation  # here
def f(x: "Missing") -> float:
    return x
""", "f", "import"),
    ("""
@equation
def f(x: Pair | Other) -> float:
    return 1.0 if x.a > 0.0 else 0.0  # here
""", "x.a", "name a field"),
    ("""
@equation
def f(x: Pair | Other) -> float:
    y = x  # here
    return 1.0
""", "y", "groups"),
]  # fmt: skip


def refused(folder: Path, text: str) -> str:
    """What the emitter says of the function `f` of a text; its file is called made.py in the error."""
    made = file_module(folder, "patients.made", PREAMBLE + text)
    with pytest.raises(EmitError) as error:
        Emitter().function(made.f)
    return str(error.value)


def check_sentence(said: str, code: str, hint: str) -> int:
    """The line that a sentence names; it has the piece of code, and after the reason what to write instead."""
    found = re.fullmatch(r"made\.py:(\d+): (['\"])(.*)\2 cannot be written as C\+\+: (.+); (.+)\.", said)
    assert found is not None, said
    assert found[3].startswith(code), said
    assert hint in f"{found[4]}; {found[5]}", said
    return int(found[1])


def line_of(folder: Path, word: str) -> int:
    lines = (folder / "patients.made.py").read_text(encoding="utf-8").splitlines()
    return next(i for i in range(len(lines), 0, -1) if word in lines[i - 1])


def check_body(folder: Path, head: str, body: str, code: str, hint: str) -> None:
    """The piece stands in one of the lines of the body that begin with, or hold, what the sentence shows of it."""
    line = check_sentence(refused(folder, f"{head}\n    {body}\n"), code, hint)
    first = line_of(folder, head.splitlines()[-1]) + 1
    whole = [text.strip() for text in body.split("\n")]
    assert first <= line < first + len(whole)
    if "'" not in code and '"' not in body:
        assert code.strip("()") in whole[line - first].replace("(z := x)", "z := x"), (code, whole[line - first])


@pytest.mark.parametrize(("body", "code", "hint"), IN_AN_EQUATION, ids=[body for body, _, _ in IN_AN_EQUATION])
def test_an_equation_is_refused_in_a_sentence(tmp_path: Path, body: str, code: str, hint: str) -> None:
    check_body(tmp_path, "@equation\ndef f(x: float, y: float) -> float:", body, code, hint)


@pytest.mark.parametrize(("body", "code", "hint"), IN_A_ROUTINE, ids=[body for body, _, _ in IN_A_ROUTINE])
def test_a_routine_is_refused_in_a_sentence(tmp_path: Path, body: str, code: str, hint: str) -> None:
    check_body(tmp_path, "def f(buf: Rows, n: int, x: float) -> None:", body, code, hint)


@pytest.mark.parametrize(("signature", "code", "hint"), SIGNATURES, ids=[one for one, _, _ in SIGNATURES])
def test_a_signature_is_refused_in_a_sentence(tmp_path: Path, signature: str, code: str, hint: str) -> None:
    line = check_sentence(refused(tmp_path, f"\n@equation\ndef f{signature}:\n    return 1.0\n"), code, hint)
    assert line == line_of(tmp_path, "def f(")


@pytest.mark.parametrize(("group", "hint"), GROUPS, ids=[group for group, _ in GROUPS])
def test_a_group_is_refused_in_a_sentence(tmp_path: Path, group: str, hint: str) -> None:
    line = check_sentence(refused(tmp_path, f"\n@equation\ndef f(p: {group}) -> float:\n    return p.a\n"), group, hint)
    assert line_of(tmp_path, f"class {group}") - line in (0, 1)  # its decorator is its first line


@pytest.mark.parametrize(("text", "code", "hint"), FUNCTIONS, ids=[text.strip() for text, _, _ in FUNCTIONS])
def test_a_function_is_refused_in_a_sentence(tmp_path: Path, text: str, code: str, hint: str) -> None:
    line = check_sentence(refused(tmp_path, text), code, hint)
    if "# here" in text:
        assert line == line_of(tmp_path, "# here")
