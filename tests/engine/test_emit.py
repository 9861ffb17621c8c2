"""The emitter: each construct that it writes computes Python's bits, in one number and in vectors (test_emit_refuses.py: what it does not).

NaN is compared as NaN: which of its bits a processor keeps, and its sign, differ between processors and mean nothing. Where Python stops
with an error C++ goes on: a division by zero is compared with numpy's, the root of a negative number with NaN, and the floor of what is
not finite has no value to compare.
"""

import ctypes
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from written import file_module

import perfuse
from perfuse import ops
from perfuse.engine.compiler import LIBRARY, Record, compile_library, levels_here
from perfuse.engine.cpp import TAKEN
from perfuse.engine.emit import Emitter
from perfuse.engine.groups import arguments, columns, fields_of, flat, is_group
from perfuse.engine.kernel_text import PRELUDE, in_lanes, mapped, text_of
from perfuse.engine.layout import Parts
from perfuse.ops import Rows, equation

Array = NDArray[np.float64]
SOURCE = Path(perfuse.__file__).parents[1]
HALF, NONE, MANY, TINY = 0.5, -0.0, 3, 5e-324
SHARES = (0.25, 0.75, (1.5, -2.5))


# -- an equation for each construct ----------------------------------------------------------------------------------------


class Order(NamedTuple):
    """What six comparisons say, 1 or 0."""

    less: float
    more: float
    at_most: float
    at_least: float
    same: float
    other: float


class Pair(NamedTuple):
    """Two numbers."""

    a: float
    b: float = 2.5


@dataclass(frozen=True)
class Box:
    """Groups in a group, and the truth of something."""

    pair: Pair
    is_open: bool
    c: float = 1.0


class Lid(NamedTuple):
    """Another group that has a `b`, at another place."""

    b: float
    double: float


@equation
def add(x: float, y: float) -> float:
    return x + y


@equation
def subtract(x: float, y: float) -> float:
    return x - y


@equation
def multiply(x: float, y: float) -> float:
    return x * y


@equation
def divide(x: float, y: float) -> float:
    return x / y


@equation
def several_operations_in_their_order(x: float, y: float, z: float) -> float:
    return x - y - z * x / y / z + (x - (y - z)) * -(x * z)


@equation
def minus(x: float) -> float:
    return -x


@equation
def compare(x: float, y: float) -> Order:
    return Order(
        1.0 if x < y else 0.0,
        1.0 if x > y else 0.0,
        1.0 if x <= y else 0.0,
        1.0 if x >= y else 0.0,
        1.0 if x == y else 0.0,
        1.0 if x != y else 0.0,
    )


@equation
def compare_in_a_chain(x: float, y: float, z: float) -> Pair:
    return Pair(1.0 if x < y <= z else 0.0, 1.0 if 0 < x != y > z else 0.0)


@equation
def join_by_words(x: float, y: float, z: float) -> Pair:
    first = (x > 0.0 and not y > 0.0) or not x == z  # noqa: SIM201
    return Pair(1.0 if first else 0.0, 1.0 if not (x < y and y < z and z < 2.0) else 0.0)


@equation
def join_by_signs(x: float, y: float, z: float) -> float:
    return 1.0 if (x > 0.0) & (y > x) | (z != y) else 0.0


@equation
def choose(x: float, y: float) -> float:
    return x if x > y else y


@equation
def choose_within_a_choice(x: float, y: float, z: float) -> float:
    return (x if y > z else 2.0) if (y if x > 0.0 else z) > 0.5 else 1.0 if x > y else z if z < y else -0.0


@equation
def choose_a_comparison(x: float, y: float, z: float) -> Pair:
    first = x > y if z > 0.0 else x > z and y > z
    second = (x < y and y < z) if first else (x > 0.0 or y > 0.0)
    return Pair(1.0 if first else 0.0, 1.0 if second else -1.0)


@equation
def root(x: float) -> float:
    return math.sqrt(x) + math.sqrt(4.0)


@equation
def floor(x: float) -> Pair:
    return Pair(float(math.floor(x)), x - math.floor(x))


@equation
def keep_a_floor(x: float, y: float) -> float:
    whole = math.floor(x)
    return y * whole if whole > 2 else whole - y


@equation
def whole_constants(x: float) -> Pair:
    return Pair(3 - 2 * x / 7 + MANY, x * 0 * -1)


@equation
def folded_constants(x: float, y: float) -> float:
    return x * (1 / 3 + HALF * -2) + y * (MANY // 2 - SHARES[2][1]) - math.pi * x / (TINY if y > NONE else -math.inf) + ops.math.e


@equation
def a_constant_choice(x: float) -> float:
    return x if MANY > 2 and not HALF > 1 else -x


@equation
def constants_at_the_edge(x: float) -> Pair:
    return Pair(x * 1.7976931348623157e308 * 10.0, x * TINY - 2.2250738585072011e-308 / -float(-MANY) + -0.0)


@equation
def swap(x: float, y: float) -> Pair:
    x, y = y, x
    a, b = x - y, y / 3
    a, b, x = b, x, a
    return Pair(a - x, b)


@equation
def assign_again(x: float, y: float) -> float:
    z = x + y
    z = z * z - x
    x = z - x
    return x * y


@equation
def assign_by_operators(x: float, y: float) -> float:
    z = 1.0
    z += x
    z -= y * 2
    z *= z
    z /= 3
    x += z
    return x


@equation
def count_up(x: float) -> float:
    for _ in range(3):
        x = x * x - 1.0
    return x


@equation
def count_down(x: float, y: float) -> float:
    for k in range(5, -1, -2):
        x = x + y * k if k > 2 else x - k / 7
    return x


@equation
def count_within_a_count(x: float) -> float:
    total = 0.0
    for i in range(1, 4):
        for j in range(0, 3, 2):
            total = total + x * (i * j - 3) + i % 2 * 0.5 - (i - j) // 2
    return total


@equation
def count_nothing(x: float) -> float:
    for _ in range(3, 3):
        x = x + 1.0
    return x


@equation
def whole_zeros_have_no_sign(x: float) -> Pair:
    a = x
    b = x
    for k in range(1):
        a = a * float(k * -2)
        b = b * float(-k)
    return Pair(a, b)


@equation
def branch_on_what_is_counted(x: float) -> float:
    last = 0.0
    for k in range(4):
        if k == 1:
            last = x * 2.0
        elif k % 2 == 0 and not k < 2:
            last = last - 1.0
        else:
            pass
    return last


@equation
def begin_in_a_loop(x: float) -> float:
    for k in range(2):
        after = x * k
    return after


@equation
def annotate(x: float) -> float:
    """A docstring."""
    y: float = 2.0
    "another"
    return x * y


@equation
def shift(x: float, by: float = 1.5, times: float = -2.0) -> float:
    return x + by * times


@equation
def call_by_keyword(x: float, y: float) -> float:
    return shift(x, times=y) - shift(times=x, x=y) * shift(y, x)


@equation
def call_within_a_call(x: float, y: float) -> float:
    return shift(shift(x, shift(y)), by=ops.clip(x, -1.0, high=1.0))


@equation
def is_between(x: float, low: float, high: float) -> bool:
    return low < x < high


@equation
def select(first: bool, x: float, y: float) -> float:
    return x if first else y


@equation
def comparisons_come_and_go(x: float, y: float, z: float) -> float:
    return select(is_between(x, y, z) or x == z, x, y) - select(first=x > y, x=z, y=x)


@equation
def groups(p: Pair, z: float) -> Box:
    other = Pair(b=p.a, a=z)
    return Box(other, is_open=p.a > p.b and z > 0.0, c=other.b)


@equation
def groups_in_groups(p: Pair, z: float) -> Pair:
    box = groups(p, z)
    second = Box(pair=Pair(z), is_open=not box.is_open)
    box = box
    return Pair(box.pair.a if box.is_open else second.pair.b, second.c if second.is_open else box.c)


@equation
def b_of(x: Pair | Lid, y: float) -> float:
    return x.b - y


@equation
def b_of_either(x: Pair | Lid) -> float:
    return b_of(x, 1.0)


@equation
def either_group(p: Pair, q: Lid) -> float:
    return b_of(p, q.double) * b_of(q, p.a) - b_of_either(q) * b_of_either(p)


@equation
def new(this: float, delete: float, held0_: float) -> Lid:
    new_ = this - delete
    int64_t, lane = new_ * held0_, delete
    real_, real, T, not_ = lane + 1.0, int64_t, delete, this > delete
    for pick in range(2):
        namespace = real + pick
    return Lid(double=real_ - T if not_ else namespace, b=square_root(real))


@equation
def square_root(template: float) -> float:
    return template / 2


@equation
def use_reserved_names(x: float, y: float) -> Lid:
    return new(x, held0_=y, delete=math.sqrt(x * x))


@equation
def hide_globals(x: float, y: float) -> float:
    HALF = x * y
    SHARES, MANY = y, HALF
    return HALF - SHARES * MANY


@equation
def replace_some_fields(x: float, y: float, z: float) -> Pair:
    before = Pair(x, y)
    after = before._replace(b=z * before.a)
    return after._replace(a=after.b - y, b=after.a)


EQUATIONS = [
    replace_some_fields,
    add, subtract, multiply, divide, several_operations_in_their_order, minus, compare, compare_in_a_chain, join_by_words, join_by_signs,
    choose, choose_within_a_choice, choose_a_comparison, root, floor, keep_a_floor, whole_constants, folded_constants, a_constant_choice,
    constants_at_the_edge, swap, assign_again, assign_by_operators, count_up, count_down, count_within_a_count, count_nothing,
    whole_zeros_have_no_sign, branch_on_what_is_counted, begin_in_a_loop, annotate, call_by_keyword, call_within_a_call,
    comparisons_come_and_go, groups_in_groups, either_group, use_reserved_names, hide_globals,
]  # fmt: skip


# -- a routine for each construct; each takes a whole number n and a number x, the same for all patients -------------------------


def whole_arithmetic(buf: Rows, n: int, x: float) -> None:
    buf[0] = buf[0] + (n // 3) + (n % 3) * 100
    buf[1] = float(n // -2 - n % -4)
    buf[2] = n / 7 + x
    buf[3] = float(-n * (n & 6))
    buf[4] = float((2000000000 if n > 0 else 1) * 2)
    buf[5] = buf[5] * (n - 1) / (7 - 2 * 3)


def branches(buf: Rows, n: int, x: float) -> None:
    if n & 1:
        buf[0] = x
    elif n > 2 or n == -2:
        buf[0] = buf[1]
        if not n >= 4 and x > 0.0:
            buf[2] = -x
    else:
        y = x * 2.0
        buf[1] = y
        buf[3] = y + n
    if n < 0:
        first = buf[4]
    else:
        first = buf[5]
    buf[6] = first if n != 1 else buf[6]
    buf[7] = buf[7] if buf[7] > x else x


def walks(buf: Rows, n: int, x: float) -> None:
    count = 4
    for i in range(count):
        count = count - 1
        buf[i] = buf[i + 1] - buf[7 - i] * x
    for i in range(7, n * n, -2):
        buf[i - 1] += x * i
    for i in range(n, 3):
        for j in range(i, 3):
            buf[(i + j) % 8] *= x
    buf[0], buf[count] = buf[count], buf[0]


def sums(buf: Rows, n: int, x: float) -> None:
    total: float = x
    level = x * 2.0
    for i in range(8):
        total += buf[i] * level
        level = level - 0.5
    pair = Pair(total, level)
    buf[0] = shift(pair.a, pair.b, times=x)
    pair = Pair(b=buf[0], a=x)
    buf[1] = pair.b - pair.a if x > 1.0 or n == 2 else either_group(pair, Lid(buf[2], x))


def scaled(buf: Rows, by: float, twice: bool, at: int = 2) -> float:
    buf[at] = buf[at] * by
    if twice:
        buf[at] = buf[at] * by
    return by * at


def calls(buf: Rows, n: int, x: float) -> None:
    scaled(buf, x, twice=x > 0.0)
    for k in range(3, 5):
        got = scaled(buf, twice=n > 1, at=k, by=scaled(buf, 0.5, n == 3))
        buf[k + 1] = got - shift(x)


def roots_and_floors(buf: Rows, n: int, x: float) -> None:
    i = math.floor(math.sqrt(x * x) / 2)
    buf[i % 8] = math.sqrt(n * n) + x
    buf[1] = buf[1] * math.floor(x)
    buf[2] = math.sqrt(buf[2] * buf[2])


def by_parts(buf: Rows, parts: Parts, x: float) -> None:
    if parts & 1 != 0:
        now = buf[0] * x
    for _ in range(2):
        if parts & 1 != 0:
            now = now + 1.0
        if parts & 2 != 0:
            buf[1] = x
    if parts & 1 != 0:
        buf[2] = now


ROUTINES = [whole_arithmetic, branches, walks, sums, calls, roots_and_floors, by_parts]
ROWS = 8


# -- compiled once ---------------------------------------------------------------------------------------------------------


TWIN = """
from typing import NamedTuple
from perfuse.ops import equation

BY = {by}

class Pair(NamedTuple):
    {fields}: float

@equation
def scale_{by}(x: float, y: float) -> float:
    return scale(Pair(x, y))

@equation
def scale(p: Pair) -> float:
    return p.a * BY - p.b
"""


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> list[Callable[..., float]]:
    """Equations of two modules that share their last name, and the names of all they hold."""
    folder = tmp_path_factory.mktemp("twins")
    one = file_module(folder, "one.same", TWIN.format(by=3, fields="a: float\n    b"))
    other = file_module(folder, "other.same", TWIN.format(by=5, fields="b: float\n    a"))
    return [one.scale_3, other.scale_5]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, twins: list[Callable[..., float]]) -> ctypes.CDLL:
    """All equations and routines of this file, compiled for one patient and for vectors."""
    emitter, level = Emitter(), levels_here()[0]
    exported = [mapped(emitter, one) for one in [*EQUATIONS, *twins]]
    parameters = "double* buffer, int64_t lanes, int64_t n, double x"
    exported += [in_lanes(one.__name__, emitter.function(one), ROWS, parameters, "n, x") for one in ROUTINES]
    folder = tmp_path_factory.mktemp("emitted")
    compile_library(text_of(emitter, exported), level, folder, Record("", "", level.name, level.width, ""))
    return ctypes.CDLL(str(folder / LIBRARY))


def on_columns(library: ctypes.CDLL, function: Callable[..., Any], table: Array) -> Array:
    """What the compiled equation gives for each column of a table [argument, element]."""
    call = getattr(library, f"perfuse_map_{function.__name__}")
    call.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    out = np.empty((len(columns(function)[1]), table.shape[1]))
    table = np.ascontiguousarray(table)
    call(table.ctypes.data, out.ctypes.data, table.shape[1])
    return out


def in_python(function: Callable[..., Any], element: list[float]) -> list[float] | None:
    """The numbers that Python finds; numpy's where Python stops at a division by zero; None where it has no value at all."""

    def found(numbers: list[Any]) -> list[float]:
        given = []
        for _, kind in arguments(function):
            count = len(fields_of(kind)) if is_group(kind) else 1
            own, numbers = numbers[:count], numbers[count:]
            given.append(kind(*own) if is_group(kind) else own[0])
        return [float(number) for number in flat(function(*given))]

    try:
        return found(element)
    except ZeroDivisionError:
        with np.errstate(all="ignore"):
            return found([np.float64(number) for number in element])
    except (ValueError, OverflowError):  # math.floor(inf), math.sqrt(-1.0)
        return None


SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324, 1e-310, 2.2250738585072014e-308,
    1.7976931348623157e308, -1.7976931348623157e308, 1e300, -1e-300, 4503599627370495.5, 9007199254740993.0,
]  # fmt: skip


def numbers(count: int, size: int) -> Array:
    """A table of numbers: every pair of special ones first, then special, ordinary and random bits, each column of another mix."""
    draw = np.random.default_rng(count)
    bits = draw.integers(0, 2**64, (count, size), dtype=np.uint64).view(np.float64)
    ordinary = draw.normal(0.0, 3.0, (count, size))
    table = np.choose(draw.integers(0, 4, (count, size)), [draw.choice(SPECIAL, (count, size)), ordinary, np.round(ordinary), bits])
    pairs = np.array([(a, b) for a in SPECIAL for b in SPECIAL]).T
    for first in range(0, count - 1, 2):
        table[first : first + 2, : pairs.shape[1]] = pairs
    if count == 1:
        table[0, : len(SPECIAL)] = SPECIAL
    return table


def differences(found: Array, wanted: Array) -> list[str]:
    """Where two arrays differ in bits, NaN aside."""
    other = (found.view(np.int64) != wanted.view(np.int64)) & ~(np.isnan(found) & np.isnan(wanted))
    return [f"at {at}: {found[at]!r}, in Python {wanted[at]!r}" for at in map(tuple, np.argwhere(other)[:5])]


def check_equation(library: ctypes.CDLL, function: Callable[..., Any]) -> None:
    table = numbers(len(columns(function)[0]), 701)
    answers = [in_python(function, element) for element in table.T.tolist()]
    has = [answer is not None for answer in answers]
    wanted = np.array([answer for answer in answers if answer is not None]).T.copy()
    assert sum(has) > 100
    in_vectors = on_columns(library, function, table)
    assert differences(in_vectors[:, has], wanted) == []
    alone = np.hstack([on_columns(library, function, table[:, [i]]) for i in range(table.shape[1])])
    assert differences(alone[:, has], wanted) == []


@pytest.mark.parametrize("function", EQUATIONS, ids=lambda one: one.__name__)
def test_an_equation_computes_pythons_bits_alone_and_in_vectors(library: ctypes.CDLL, function: Callable[..., Any]) -> None:
    check_equation(library, function)


def test_modules_of_one_last_name_keep_apart(library: ctypes.CDLL, twins: list[Callable[..., Any]]) -> None:
    for function in twins:
        check_equation(library, function)


def test_the_root_of_a_negative_number_is_no_number(library: ctypes.CDLL) -> None:
    assert np.isnan(on_columns(library, root, np.array([[-1.0, -math.inf, -5e-324, math.nan]]))).all()
    assert on_columns(library, root, np.array([[-0.0]])).tolist() == [[2.0]]


@pytest.mark.parametrize("function", ROUTINES, ids=lambda one: one.__name__)
def test_a_routine_computes_pythons_bits_in_every_lane(library: ctypes.CDLL, function: Callable[..., None]) -> None:
    call = getattr(library, f"perfuse_{function.__name__}")
    call.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_double]
    for n in range(0 if function is by_parts else -9, 10):
        for x in (0.3, -1.5, 2.0, 1e-310):
            table = numbers(ROWS, 420)[:, 400:417].copy() if n % 2 else np.random.default_rng(n + 20).normal(0.0, 2.0, (ROWS, 17))
            wanted = np.empty_like(table)
            for lane in range(table.shape[1]):
                own = table[:, lane].tolist()
                if function is roots_and_floors:
                    own = table[:, lane] = [one if math.isfinite(one) else 1.0 for one in own]
                    own = list(own)
                function(own, n, x)
                wanted[:, lane] = own
            call(table.ctypes.data, table.shape[1], n, x)
            assert differences(table, wanted) == [], (n, x)


def test_a_routine_computes_the_same_for_one_lane(library: ctypes.CDLL) -> None:
    together = np.random.default_rng(1).normal(0.0, 2.0, (ROWS, 9))
    alone = together.copy()
    for function in ROUTINES:
        call = getattr(library, f"perfuse_{function.__name__}")
        call(together.ctypes.data, 9, 3, 1.5)
        for lane in range(9):
            own = alone[:, lane].copy()
            call(own.ctypes.data, 1, 3, 1.5)
            alone[:, lane] = own
    assert differences(alone, together) == []


# -- the emitter itself ----------------------------------------------------------------------------------------------------

ALONE = f"""
import sys
sys.path = [{str(SOURCE)!r}, *sys.path]
import perfuse.engine.compiler, perfuse.engine.library
from perfuse.engine.kernel_text import cpp_text
text = cpp_text()
import json
strange = {{name.partition(".")[0] for name in sys.modules}} - {{*sys.stdlib_module_names, "perfuse", "__main__", "kernel"}}
print(json.dumps([sorted(strange), text]))
"""


def kernel_text_of_a_bare_python(seed: str) -> tuple[list[str], str]:
    """What python -S writes with this seed of its hashes, and the modules that it took from elsewhere."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {"PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, "-S", "-c", ALONE], env=env, capture_output=True, text=True, check=True)
    strange, text = json.loads(done.stdout)
    return strange, text


def test_the_kernel_is_written_by_the_standard_library_alone_and_twice_the_same() -> None:
    strange, text = kernel_text_of_a_bare_python("1")
    assert strange == []
    assert kernel_text_of_a_bare_python("2") == ([], text)
    assert re.findall(r"#\s*include|\blong\b|\b_mm|__m\d+|\bstd::", text) == []
    assert str(SOURCE) not in text
    places = re.findall(r"^// (\S+):(\d+)\nnamespace \w+ \{ template<.*?> \w+ \S+ (\w+)\(", text, re.MULTILINE)
    assert len(places) > 200
    for path, line, name in places:
        if path != "kernel.py":
            written = (SOURCE / "perfuse" / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
            assert written.startswith(f"def {name.rstrip('_')}")


def test_every_name_of_the_prelude_is_kept_from_equations() -> None:
    text = PRELUDE.read_text(encoding="utf-8")
    defined = re.findall(r"#define (\w+)|INLINED [\w<>]+ (\w+)\(|struct (\w+)|typedef \w+ (\w+)|using (\w+)", text)
    assert {name for names in defined for name in names if name} - TAKEN == set()


def test_an_equation_is_written_as_one_reads_it() -> None:
    emitter = Emitter()
    space = emitter.function(assign_again).partition("::")[0]
    place, *lines = emitter.text[-1].splitlines()
    assert place.startswith("// ") and place.endswith(f"test_emit.py:{assign_again.__code__.co_firstlineno + 1}")
    assert lines == [
        f"namespace {space} {{ template<class T> INLINED T assign_again(T x, const T& y) {{",
        "  T z = (x + y);",
        "  z = ((z * z) - x);",
        "  x = (z - x);",
        "  return (x * y);",
        "} }",
    ]
