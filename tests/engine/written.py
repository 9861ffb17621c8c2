"""Modules whose text a test writes."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def file_module(folder: Path, name: str, text: str) -> ModuleType:
    """A module of this name whose file holds this text."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made  # dataclasses look there
    spec.loader.exec_module(made)
    return made
