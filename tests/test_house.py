"""The house stays in order: imports point left, physics takes its arithmetic from ops, files stay small, nothing names a machine."""

import ast
import re
import subprocess
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "perfuse"
ROOMS = {
    "version": 0,
    "ops": 0,
    "base": 0,
    "parameters": 1,
    "physiology": 2,
    "devices": 2,
    "engine": 3,
    "results": 4,
    "evidence": 5,
    "bedside": 6,
    "views": 7,
}
LIBM = {
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "pow",
    "sin",
    "cos",
    "tan",
    "tanh",
    "sinh",
    "cosh",
    "atan",
    "hypot",
    "cbrt",
}
LONGEST = 400
MODULES = sorted(PACKAGE.rglob("*.py"))
LIBRARY = sorted(PACKAGE.rglob("*.yaml"))
PHYSICS = sorted(p for room in ("physiology", "devices", "engine") for p in (PACKAGE / room).glob("*.py"))
WRITTEN = PACKAGE / "physiology" / "circulation_written.py"  # by a program, from a table that is read instead


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room(module: str) -> str:
    """The room of a dotted module of the package; the front door (perfuse itself) has none."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports(path: Path) -> set[str]:
    """Every module of perfuse that a file imports, those inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: import by full name, so that a reader sees the room"
            found |= {f"perfuse.{alias.name}" for alias in node.names} if node.module == "perfuse" else {node.module or ""}
    return {module for module in found if module.split(".")[0] == "perfuse"}


def tracked() -> list[Path]:
    """Files that git tracks; a source archive without git has every file of the tree instead."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        skip = {".venv", "out", "site", "dist", ".mypy_cache", ".ruff_cache", ".pytest_cache", "__pycache__"}
        return [path for path in ROOT.rglob("*") if path.is_file() and not skip & set(path.parts)]
    return [ROOT / line for line in listed.stdout.split("\0") if line and (ROOT / line).is_file()]


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent != PACKAGE], ids=name)
def test_imports_point_only_to_the_left(path: Path) -> None:
    here = path.relative_to(PACKAGE).parts[0]
    for module in imports(path):
        there = room(module)
        assert there in ROOMS, f"{name(path)} imports {module}: rooms do not go through the front door"
        assert ROOMS[there] <= ROOMS[here], f"{name(path)} imports {module}, which lies to its right"


def test_a_patient_never_asks_what_it_is_joined_to() -> None:
    assert not [name(p) for p in (PACKAGE / "physiology").glob("*.py") if any(room(module) == "devices" for module in imports(p))]


def test_ops_stands_left_of_every_room() -> None:
    assert imports(PACKAGE / "ops.py") == set()


def equations(tree: ast.Module) -> list[ast.FunctionDef]:
    """Functions of a file that are marked as physics."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [f for f in functions if any(isinstance(d, ast.Name) and d.id == "equation" for d in f.decorator_list)]


def breaches(function: ast.FunctionDef) -> list[str]:
    """What in an equation would differ between machines, or stop the compiler from using lanes."""
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LIBM:
            found.append(f"line {node.lineno}: {node.func.attr}() of the machine's mathematics library")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            exponent = node.right
            if not (isinstance(exponent, ast.Constant) and isinstance(exponent.value, int)):
                found.append(f"line {node.lineno}: ** with an exponent that is not a whole number")
        elif isinstance(node, ast.For) and re.fullmatch(r"range\(\d+\)", ast.unparse(node.iter)):
            continue  # a fixed number of steps towards a root is no loop over time
        elif isinstance(node, ast.For | ast.While | ast.Try | ast.With):
            found.append(f"line {node.lineno}: {type(node).__name__} inside an equation")
    return found


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_equations_take_their_arithmetic_from_ops_wherever_they_stand(path: Path) -> None:
    for function in equations(ast.parse(path.read_text(encoding="utf-8"))):
        assert breaches(function) == [], f"{name(path)}: {function.name}"


def test_the_check_on_equations_can_fail() -> None:
    tree = ast.parse("@equation\ndef f(x):\n    for i in range(n):\n        x = math.exp(x) ** 0.4\n    return x ** 2\n")
    assert len(breaches(equations(tree)[0])) == 3


def test_the_physics_rooms_hold_equations() -> None:
    assert sum(len(equations(ast.parse(p.read_text(encoding="utf-8")))) for p in PHYSICS) > 20


def by_position(text: str, groups: set[str]) -> list[str]:
    """Groups of numbers that the equations of a text make from more than three fields by their position alone."""
    calls = [node for function in equations(ast.parse(text)) for node in ast.walk(function) if isinstance(node, ast.Call)]
    return [f"{c.func.id}, line {c.lineno}" for c in calls if isinstance(c.func, ast.Name) and c.func.id in groups and len(c.args) > 3]


def test_groups_of_numbers_are_made_by_the_names_of_their_fields() -> None:
    classes = [node for p in PHYSICS for node in ast.walk(ast.parse(p.read_text(encoding="utf-8"))) if isinstance(node, ast.ClassDef)]
    groups = {c.name for c in classes if any(isinstance(base, ast.Name) and base.id == "NamedTuple" for base in c.bases)}
    assert {"Circulation", "Console", "RotorDrive"} <= groups
    assert {name(p): found for p in PHYSICS if (found := by_position(p.read_text(encoding="utf-8"), groups))} == {}
    assert by_position("@equation\ndef f(x):\n    return Gas(x, x, x, x)", {"Gas"}) == ["Gas, line 3"], "the check can fail"


@pytest.mark.parametrize("path", LIBRARY, ids=name)
def test_every_library_file_is_yaml_with_something_in_it(path: Path) -> None:
    data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    assert data or path.name == "notes.yaml"


def test_files_are_short_enough_to_read_in_one_sitting() -> None:
    long = {name(p): n for p in MODULES if p != WRITTEN and (n := len(p.read_text(encoding="utf-8").splitlines())) > LONGEST}
    assert long == {}


def test_json_is_written_in_one_place() -> None:
    writers = [path for path in MODULES if re.search(r"\bjson\.dumps?\(|import dumps?\b", path.read_text(encoding="utf-8"))]
    assert [name(path) for path in writers] == ["src/perfuse/parameters/json_text.py"]


def test_tracked_files_name_no_registry_no_session_and_no_path_of_one_machine() -> None:
    # put together here, so that this file does not contain what it looks for
    words = ["files" + ".pythonhosted", "py" + "pi.org", "registry" + ".npmjs", "deb" + ".debian.org", "simple" + "/index"]
    words += ["/" + "work/", "/" + "root/", "/opt/" + "pypi", "/" + "tmp/", "/" + "home/", "clau" + "de", "anthro" + "pic", "chat" + "gpt"]
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8").lower()
        except UnicodeDecodeError:
            continue
        found += [f"{name(path)}: {word}" for word in words if word in text]
    assert found == []


def test_the_compiler_of_the_first_version_is_named_in_its_history_alone() -> None:
    word, history = "num" + "ba", ("docs/decisions/", "tests/fixtures/first_version/")
    places = [
        path for path in tracked() if name(path).startswith(("src/", "tests/", "tools/", "docs/")) and not name(path).startswith(history)
    ]
    assert len(places) > 500
    assert [name(path) for path in places if word in path.read_bytes().decode("utf-8", "ignore").lower()] == []


def test_lock_files_pin_every_package_by_hash_and_name_no_host() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert "http" not in text and "file:" not in text
        pins = re.split(r"\n(?=[a-z])", text)
        assert len(pins) > 20
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


def test_lock_files_hold_every_dependency_and_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9-]+==[^ ]+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))

    def needed(requirements: list[str]) -> set[str]:
        return {re.split(r"[\[<>=! ]", r)[0].lower().replace(".", "-").replace("_", "-") for r in requirements}

    runtime, everything = pins("requirements.lock"), pins("requirements-dev.lock")
    assert runtime <= everything
    assert needed(project["dependencies"]) <= {pin.split("==")[0] for pin in runtime}
    extras = [r for group in project["optional-dependencies"].values() for r in group]
    assert needed(extras) <= {pin.split("==")[0] for pin in everything}


def test_every_entry_point_loads() -> None:
    ours = [e for e in entry_points(group="console_scripts") if e.value.startswith("perfuse.")]
    assert [e.name for e in ours] == ["perfuse"]
    assert callable(ours[0].load())


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    asked = set(re.findall(r"`make ([a-z]+)|^make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    named = {a or b for a, b in asked}
    assert {"demo", "test", "docs"} <= named <= targets


def test_every_case_has_its_page_and_every_page_of_the_menu_exists() -> None:
    cases = {p.stem for p in (PACKAGE / "parameters" / "cases").glob("*.yaml")}
    assert cases == {p.stem for p in (ROOT / "docs" / "cases").glob("*.md")}
    menu = re.findall(r": ([a-z0-9/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert {f"cases/{case}.md" for case in cases} <= set(menu)
    assert [page for page in menu if not page.startswith("reference/") and not (ROOT / "docs" / page).is_file()] == []
