"""The whole library as C++: prelude, equations, kernel, and the functions that Python calls; and the hash of what it computes.

The standard library alone: this runs while the package is being built.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from perfuse.devices.membrane_bench import settle_cells
from perfuse.engine.cpp import KEYWORDS, ROWS, TAKEN, safe
from perfuse.engine.emit import Emitter
from perfuse.engine.groups import arguments, fields_of, is_group, leaves, result
from perfuse.engine.rates import circuit_rates_now, patient_rates_now
from perfuse.engine.source import module, write
from perfuse.ops import low_pass
from perfuse.physiology.blood import gas_of
from perfuse.physiology.circulation import pressures

MAPPED: tuple[Callable[..., Any], ...] = (pressures, gas_of, patient_rates_now, circuit_rates_now)
"""Equations that Python calls on columns of numbers."""
ROUTINES: tuple[Callable[..., Any], ...] = (low_pass, settle_cells)
"""Routines that Python calls on a buffer."""
PRELUDE = Path(__file__).with_name("prelude.hpp")


def mapped(emitter: Emitter, function: Callable[..., Any]) -> str:
    """The C++ function that works out an equation for every element of its columns."""
    name, at, given = function.__name__, 0, []
    for _, kind in arguments(function):
        count = len(fields_of(kind)) if is_group(kind) else 1
        read = [f"load(in + {at + i} * n + k, used)" for i in range(count)]
        given.append(f"{emitter.group(kind).replace('<T>', '<number>')}{{{', '.join(read)}}}" if is_group(kind) else read[0])
        at += count
    paths = [".".join(map(safe, path.split("."))) for _, path, _ in leaves(result(function), "o")] if is_group(result(function)) else ["o"]
    return "\n".join(
        [
            f"NEVER_INLINED void map_{name}(const double* in, double* out, int64_t n, int64_t k, int64_t used) {{",
            f"    const auto o = {emitter.function(function)}<number>({', '.join(given)});",
            *(f"    store(out + {i} * n + k, {path}, used);" for i, path in enumerate(paths)),
            "}",
            *_both_widths(f"map_{name}", "const double* in, double* out, int64_t n", "in, out, n", "n"),
        ]
    )


def _both_widths(name: str, parameters: str, given: str, count: str) -> list[str]:
    """An exported function that does `count` elements WIDTH at a time, what is left over alone by the build for one."""
    return [
        "#ifdef VECTORS",
        f"void {name}_of_one({parameters}, int64_t k, int64_t used);",
        f"EXPORTED void perfuse_{name}({parameters}) {{",
        f"    for (int64_t k = 0; k < {count}; k += WIDTH) {{",
        f"        if ({count} - k == 1) {name}_of_one({given}, k, 1);",
        f"        else {name}({given}, k, {count} - k < WIDTH ? {count} - k : WIDTH);",
        "    }",
        "}",
        "#else",
        f"void {name}_of_one({parameters}, int64_t k, int64_t used) {{ {name}({given}, k, used); }}",
        "#endif",
    ]


def routine(emitter: Emitter, function: Callable[..., Any]) -> str:
    """The exported form of a routine, for one buffer."""
    made = emitter.signature(function)
    typed = ", ".join(f"{'double*' if kind == ROWS else emitter.type_of(kind)} {safe(name)}" for name, kind in made.arguments.items())
    called = f"{made.name}<double>({', '.join(map(safe, made.arguments))})"
    return f"#ifndef VECTORS\nEXPORTED void perfuse_{function.__name__}({typed}) {{ {called}; }}\n#endif"


def in_lanes(name: str, function: str, rows: int, parameters: str, called: str) -> str:
    """An exported function that moves a buffer of lanes by a routine: a block of them is copied to aligned rows, moved, and copied back."""
    given = ", ".join(word.split()[-1].lstrip("*") for word in parameters.split(", "))
    samples = [f"    const Samples to_{to} = {{{to}, {one}_rows, {one}_count, lanes, k, used}};"
               for to, one in (("out", "out"), ("waves", "wave")) if f"to_{to}" in called]  # fmt: skip
    block = [
        f"NEVER_INLINED void {name}({parameters}, int64_t k, int64_t used) {{",
        f"    alignas(64) number rows[{rows}];",
        f"    for (int64_t r = 0; r < {rows}; r++) rows[r] = load(buffer + r * lanes + k, used);",
        *samples,
        f"    {function}<number>(rows, {called});",
        f"    for (int64_t r = 0; r < {rows}; r++) store(buffer + r * lanes + k, rows[r], used);",
        "}",
    ]
    return "\n".join([*block, *_both_widths(name, parameters, given, "lanes")])


BUFFER = "double* buffer, int64_t lanes, int64_t parts"
OUT = "double* out, const int64_t* out_rows, int64_t out_count, int64_t out_every"
WAVES = "double* waves, const int64_t* wave_rows, int64_t wave_count, int64_t wave_every"
KERNELS = {
    "run": (
        f"{BUFFER}, int64_t first, int64_t steps, int64_t fast_steps, double dt, {OUT}, {WAVES}",
        "parts, first, steps, fast_steps, dt, to_out, out_every, to_waves, wave_every",
    ),
    "sampled": (f"{BUFFER}, int64_t fast_steps, double dt, {WAVES}", "parts, 0, fast_steps, dt, to_waves, wave_every"),
}
"""Functions of the kernel that Python calls: their C parameters, and how the kernel's own is called."""


def text_of(emitter: Emitter, exported: Iterable[str]) -> str:
    """Prelude, what an emitter collected, and exported functions: a text to be compiled for one patient and for several."""
    return "\n".join([PRELUDE.read_text(encoding="utf-8"), *emitter.text, "", *exported]) + "\n"


def cpp_text() -> str:
    """The library's source. EmitError (emit.py) names file and line of what cannot be written."""
    emitter = Emitter()
    text, layout = write()
    emitter.module(text, module())
    exported = [in_lanes(name, emitter.function(module()[name]), len(layout.rows), *KERNELS[name]) for name in KERNELS]
    exported += [mapped(emitter, one) for one in MAPPED] + [routine(emitter, one) for one in ROUTINES]
    return text_of(emitter, exported)


_COMMENT = re.compile(r"//[^\n]*")
_WORD = re.compile(r"[A-Za-z_]\w*|\d[\w.+-]*(?<![+-])|\S")
_FIXED = KEYWORDS | TAKEN | {"number", "WIDTH", "VECTORS", "define", "ifdef", "ifndef", "undef", "endif"}


def normalised(text: str) -> str:
    """C++ without comments and spaces, its names replaced by numbers in their order: renaming changes nothing, arithmetic does."""
    names: dict[str, str] = {}
    words = []
    for word in _WORD.findall(_COMMENT.sub("", text)):
        own = word[0].isalpha() or word[0] == "_"
        words.append(names.setdefault(word, f"n{len(names)}") if own and word not in _FIXED and not word.startswith("__") else word)
    return " ".join(words)


def hash_of(text: str, flags: tuple[str, ...]) -> str:
    """SHA-256 of what a text computes under the flags that decide arithmetic."""
    return hashlib.sha256(f"{normalised(text)}\n{' '.join(flags)}".encode()).hexdigest()[:16]
