"""The built kernel: what it belongs to, when it is built anew, what is said where it cannot be, and that every build computes the same."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import perfuse
from perfuse.engine import compiler, library
from perfuse.engine.emit import Emitter
from perfuse.engine.kernel_text import cpp_text, hash_of, mapped, routine, text_of
from perfuse.ops import low_pass
from perfuse.physiology.blood import gas_of

PACKAGE = Path(perfuse.__file__).parent
RUN = """
import json
from perfuse.engine.kernel import build_record
from perfuse.engine.run import engine
from perfuse.parameters.library import load_patient
from perfuse.results.course import column

values = {name: quantity.value for name, quantity in load_patient("healthy-adult").parameters.items()}
made = engine("patient", [column(values, None)], 1)
made.advance(1.0)
record = build_record()
print(json.dumps([record.physics, record.sources, record.compiler, made.buffer.tolist()]))
"""
CLI = "import sys; from perfuse.views.cli import main; main(sys.argv[1:])"
NO_COMPILER = {"PATH": "/nowhere", "CC": ""}
HIDDEN = "import sys; sys.modules['ziglang'] = None; "


def called(code: str, home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh Python with the package of this folder and a cache beside it."""
    env = os.environ | {"PYTHONPATH": str(home), "PERFUSE_CACHE": str(home / "cache")} | environment
    return subprocess.run([sys.executable, "-c", code, *words], env=env, capture_output=True, text=True, check=False)


def played(home: Path, **environment: str) -> tuple[str, str, str, list[float]]:
    """Physics hash, hash of the sources, compiler, and the end of a short run."""
    done = called((HIDDEN if "PATH" in environment else "") + RUN, home, **environment)
    assert done.returncode == 0, done.stderr
    physics, sources, by, buffer = json.loads(done.stdout)
    return physics, sources, by, buffer


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A copy of the package and of its builds, that can be edited."""
    shutil.copytree(PACKAGE, tmp_path / "perfuse", ignore=shutil.ignore_patterns("__pycache__"))
    level = compiler.levels_here()[0].name
    record = library.build_record()
    built = tmp_path / "perfuse" / "engine" / "built" / level
    if library.fresh_build(built) is None:  # of an edited tree the build lies in the cache
        shutil.copytree(library.cache_folder() / f"{record.sources}-{level}", built, dirs_exist_ok=True)
    yield tmp_path


def edit(home: Path, name: str, before: str, after: str) -> None:
    path = home / "perfuse" / name
    text = path.read_text(encoding="utf-8")
    assert text.count(before) >= 1
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.slow  # compiles a kernel
def test_an_edit_of_an_equation_builds_a_kernel_of_another_physics(home: Path) -> None:
    physics, _, _, before = played(home, **NO_COMPILER)
    # a file that the kernel's text does not name
    edit(home, "physiology/valves.py", "INERTANCE = 5.0e-4", "INERTANCE = 6.0e-4")
    later, _, _, after = played(home)
    assert later != physics
    assert after != before
    assert played(home, **NO_COMPILER)[3] == after, "what was built is kept"


def test_another_word_comment_or_docstring_leaves_the_physics_and_needs_no_compiler(home: Path) -> None:
    physics, sources, _, before = played(home, **NO_COMPILER)
    edit(home, "physiology/valves.py", "kinetic", "energy_of_motion")
    edit(home, "physiology/heart.py", '"""How contracted a chamber is', '"""How far\n    contracted a chamber is')
    later, others, _, after = played(home, **NO_COMPILER)
    assert others != sources
    assert (later, after) == (physics, before)


def test_the_sources_are_every_file_that_a_kernel_is_written_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(PACKAGE, tmp_path / "perfuse", ignore=shutil.ignore_patterns("__pycache__", "built"))
    monkeypatch.setattr(library, "PACKAGE", tmp_path / "perfuse")
    seen = {library.sources()}
    names = (
        "ops.py",
        "base/declare.py",
        "physiology/oxygen.py",
        "devices/cannula.py",
        "physiology/regulation.py",
        "engine/source.py",
        "engine/prelude.hpp",
    )
    for name in names:
        path = tmp_path / "perfuse" / name
        path.write_text(path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
        seen.add(library.sources())
    assert len(seen) == 1 + len(names)


def test_the_hash_is_of_what_is_computed() -> None:
    text = cpp_text()
    flags = compiler.ARITHMETIC
    assert library.build_record().physics == hash_of(text, flags)
    assert hash_of(text.replace("chamber", "cavity") + "// a comment\n", flags) == hash_of(text, flags)
    assert hash_of(text.replace("0.0005", "0.0006"), flags) != hash_of(text, flags)
    assert hash_of(text, ("-ffast-math",)) != hash_of(text, flags)


def test_without_a_kernel_and_a_compiler_a_run_ends_in_one_sentence(home: Path) -> None:
    shutil.rmtree(home / "perfuse" / "engine" / "built")
    done = called(HIDDEN + CLI, home, "run", "eolia-vv", **NO_COMPILER)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "no working C++ compiler" in done.stderr and "PERFUSE_ENGINE=plain" in done.stderr and "Not for clinical use" in done.stderr


def test_a_compiler_that_fails_is_quoted_with_its_last_words(home: Path, tmp_path: Path) -> None:
    shutil.rmtree(home / "perfuse" / "engine" / "built")
    broken = tmp_path / "broken"
    broken.write_text(
        '#!/bin/sh\ncase "$*" in *kernel.cpp*) echo "the disk is full of cats"; exit 7;; *) exit 0;; esac\n', encoding="utf-8"
    )
    broken.chmod(0o755)
    done = called(CLI, home, "run", "eolia-vv", CC=str(broken))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "failed on the kernel (exit 7): the disk is full of cats." in done.stderr


def test_a_compiler_that_the_user_names_is_not_quietly_replaced_by_another(home: Path) -> None:
    shutil.rmtree(home / "perfuse" / "engine" / "built")
    done = called(CLI, home, "run", "eolia-vv", CC="/bin/false")
    assert done.returncode == 2
    assert "the compiler that CC names does not work (/bin/false: " in done.stderr


def test_what_is_built_for_another_system_is_not_taken(home: Path) -> None:
    path = home / "perfuse" / "engine" / "built" / compiler.levels_here()[0].name / compiler.RECORD
    path.write_text(path.read_text(encoding="utf-8").replace(f'"{sys.platform}"', '"darwin"'), encoding="utf-8")
    done = called(HIDDEN + RUN, home, **NO_COMPILER)
    assert "no working C++ compiler" in done.stderr


def test_everything_that_emits_and_builds_needs_the_standard_library_alone() -> None:
    path = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})"
    code = f"{path}; from perfuse.engine import library, kernel_text; sys.stdout.write(kernel_text.cpp_text())"
    done = subprocess.run([sys.executable, "-S", "-E", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == cpp_text(), "every process writes the same text, though each hashes words differently"


def test_a_truncated_library_is_found_out(home: Path) -> None:
    level = compiler.levels_here()[0].name
    path = home / "perfuse" / "engine" / "built" / level / compiler.LIBRARY
    path.write_bytes(path.read_bytes()[:1000])
    done = called(HIDDEN + RUN, home, **NO_COMPILER)
    assert done.returncode != 0
    assert "no working C++ compiler" in done.stderr, "it is not loaded: a build is asked for"


@pytest.mark.parametrize(("name", "value"), [("PERFUSE_ENGINE", "quick"), ("PERFUSE_LEVEL", "native")])
def test_a_word_that_is_none_is_refused(home: Path, name: str, value: str) -> None:
    done = called(CLI, home, "run", "eolia-vv", **{name: value})
    assert done.returncode == 2
    assert f"{name} is '{value}'" in done.stderr


def test_plain_python_needs_no_kernel_and_gives_its_bits(home: Path) -> None:
    physics, _, _, built = played(home, **NO_COMPILER)
    shutil.rmtree(home / "perfuse" / "engine" / "built")
    again, _, by, plain = played(home, PERFUSE_ENGINE="plain", **NO_COMPILER)
    assert (again, by, plain) == (physics, "plain Python", built)


def test_threads_that_ask_at_once_wait_for_one_build(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, prepare_one = [], library._prepared

    @contextmanager
    def prepared() -> Iterator[tuple[Path, compiler.Record]]:
        asked.append(threading.get_ident())
        time.sleep(0.1)
        with prepare_one() as found:
            yield found

    monkeypatch.setattr(library, "_prepared", prepared)
    library._loaded.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        handles = {id(one.result()[0]) for one in [pool.submit(library.loaded) for _ in range(4)]}
    assert len(asked) == len(handles) == 1


def test_where_nothing_can_be_kept_the_kernel_is_built_for_the_moment_and_that_is_said(home: Path) -> None:
    edit(home, "physiology/heart.py", '"""How contracted a chamber is', '"""How far contracted a chamber is')
    (home / "file").write_text("no folder", encoding="utf-8")
    (home / "temporary").mkdir()
    done = called(HIDDEN + RUN, home, PERFUSE_CACHE=str(home / "file" / "cache"), TMPDIR=str(home / "temporary"), **NO_COMPILER)
    assert done.returncode == 0, done.stderr
    assert "into a temporary folder" in done.stderr and "set PERFUSE_CACHE" in done.stderr and "Traceback" not in done.stderr
    assert list((home / "temporary").iterdir()) == []


def test_the_cache_holds_the_last_three_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFUSE_CACHE", str(tmp_path))
    for age in range(5):
        folder = library.cache_folder() / f"build{age}"
        compiler.write_build(folder, b"a library", library.build_record())
        os.utime(folder, (1e9 - age, 1e9 - age))
    library._forget_old_builds()
    assert sorted(p.name for p in library.cache_folder().iterdir()) == ["build0", "build1", "build2"]
    assert not list(library.cache_folder().rglob(".*")), "nothing half-written is left"


ROOT = Path(__file__).resolve().parents[2]


def hatched(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What hatchling says when it puts an archive together in a folder of sources."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder / "dist"), *words]
    return subprocess.run(command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive of this tree, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def test_the_source_archive_holds_what_a_build_needs_and_no_build(unpacked: Path) -> None:
    assert (unpacked / "hatch_build.py").is_file() and (unpacked / "src/perfuse/engine/prelude.hpp").is_file()
    assert not (unpacked / "src/perfuse/engine/built").exists()


def test_a_wheel_from_the_source_archive_holds_the_kernel_of_this_processor(unpacked: Path, tmp_path: Path) -> None:
    record, level = library.build_record(), compiler.levels_here()[0].name
    kept = tmp_path / "kernels" / f"of-another-version-{level}"  # the same physics is there already: nothing is compiled
    compiler.write_build(kept, Path(library.loaded()[0]._name).read_bytes(), record)
    done = hatched(unpacked, "--target", "wheel", PERFUSE_CACHE=str(tmp_path), CC="/bin/false")
    assert done.returncode == 0, done.stderr
    wheel = next((unpacked / "dist").glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("perfuse/engine/built/")}
        assert "perfuse/engine/prelude.hpp" in archive.namelist()
    assert names == {f"perfuse/engine/built/{level}/{name}" for name in (compiler.LIBRARY, compiler.RECORD)}
    assert "-py3-none-" in wheel.name and not wheel.name.endswith("-any.whl")


@pytest.mark.parametrize(("name", "value"), [("CC", "/bin/false"), ("PERFUSE_LEVEL", "native"), ("PERFUSE_WHEEL", "amiga")])
def test_an_installation_that_cannot_build_ends_in_one_sentence(unpacked: Path, tmp_path: Path, name: str, value: str) -> None:
    shutil.rmtree(unpacked / "src/perfuse/engine/built", ignore_errors=True)
    done = hatched(unpacked, "--target", "wheel", **{"PERFUSE_CACHE": str(tmp_path), name: value})
    assert done.returncode == 1
    assert done.stderr.startswith("perfuse: ") and len(done.stderr.splitlines()) == 1 and value in done.stderr


def test_levels_have_names_and_are_never_the_processor_at_hand() -> None:
    flags = [flag for level in compiler.LEVELS for flag in (*level.gcc, *level.zig)]
    assert flags and not [flag for flag in flags if "native" in flag]
    assert [level.width for level in compiler.LEVELS] == [8, 4, 2, 2]


def builders() -> list[tuple[str, compiler.Compiler, compiler.Level]]:
    """An installed compiler and that of the package ziglang, each for the best level here; the lowest by one of them."""
    levels = compiler.levels_here()
    zig = compiler.zig()
    assert zig is not None, "the extra `dev` brings ziglang"
    installed = compiler.compiler_for(levels[0])
    found = [("installed", installed, levels[0]), ("zig", zig, levels[0])]
    return [*found, ("zig, lowest level", zig, levels[-1])] if len(levels) > 1 else found


@pytest.mark.slow  # compiles kernels
def test_every_compiler_and_level_gives_the_same_bits(home: Path) -> None:
    here = library.build_record()
    expected = played(home, **NO_COMPILER)[3]
    built = home / "perfuse" / "engine" / "built"
    others = [one for one in builders() if (one[1].named(), one[2].name) != (here.compiler, here.level)]
    assert others, "there are two compilers, or two levels"
    for name, by, level in others:
        shutil.rmtree(built)
        library.build_into(built / level.name, level, compiler=by)
        assert played(home, PERFUSE_LEVEL=level.name, **NO_COMPILER)[2:] == (by.named(), expected), name


def test_every_compiler_and_level_gives_twice_the_same_file(tmp_path: Path) -> None:
    """On a part of the text: prelude, an equation with all that it calls, and a routine (that the text is one is tested above)."""
    emitter = Emitter()
    text = text_of(emitter, [mapped(emitter, gas_of), routine(emitter, low_pass)])
    for name, by, level in builders():
        files = []
        for folder in (tmp_path / name / "once", tmp_path / name / "again"):
            library.build_into(folder, level, text, by)
            files.append((folder / compiler.LIBRARY).read_bytes())
        assert files[0] == files[1], name
