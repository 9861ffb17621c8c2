"""A registry as one DuckDB file."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from perfuse.evidence.registry import schema
from perfuse.evidence.registry.query import closing
from perfuse.evidence.registry.store import Store, described, in_words, read_said, refuse_other_format, refused
from perfuse.evidence.registry.tables import Registry
from perfuse.parameters.json_text import json_text

SAID = "perfuse_about"
"""The table that holds what is said about the registry, and its truth."""


class DuckDBStore(Store):
    """One file."""

    kind = "DuckDB file"

    def __init__(self, path: Path, about: Any, truth: Any) -> None:
        super().__init__(str(path), about, truth)
        self.path = path

    @classmethod
    def open(cls, path: Path) -> "DuckDBStore":
        """The registry in a file."""
        said = _said(path)
        if said is None:
            raise refused(str(path), "this file holds no registry that perfuse wrote")
        about = read_said(str(path), said.get("about", ""))
        refuse_other_format(str(path), about)
        return cls(path, about, read_said(str(path), said.get("truth", "{}")))

    @classmethod
    def save(cls, registry: Registry, path: Path) -> "DuckDBStore":
        """Write a file, whole or not at all; a registry of that name is replaced, anything else is left alone."""
        if path.is_dir():
            raise refused(str(path), "this is a folder", "Give the name of a file.")
        if not path.parent.is_dir():
            raise refused(str(path), f"the folder {path.parent} does not exist", "Make it first, or choose another name.")
        if path.exists() and _said(path) is None:
            raise refused(str(path), "this file holds no registry that perfuse wrote; it is left as it was", "Choose another name.")
        try:
            folder = tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent)
        except OSError as error:
            raise refused(str(path), f"the file cannot be written ({error.strerror})", "Choose another place.") from error
        with folder as name:
            building = Path(name) / "registry.duckdb"
            try:
                _fill(building, registry)
            except duckdb.Error as error:
                said = str(error).strip().splitlines()[0].replace(name, "...")
                raise refused(str(path), f"the file cannot be written ({said})", "Nothing was changed.") from None
            os.replace(building, path)
        return cls.open(path)

    @contextmanager
    def connected(self, names: Sequence[str]) -> Iterator[Any]:
        with in_words(self.where), closing(str(self.path), read_only=True) as connection:
            yield connection


def _fill(path: Path, registry: Registry) -> None:
    with closing(str(path)) as connection:
        connection.execute(f"CREATE TABLE {SAID} (key VARCHAR PRIMARY KEY, value VARCHAR)")
        rows = [("about", json_text(described(registry))), ("truth", json_text(dict(registry.truth)))]
        connection.executemany(f"INSERT INTO {SAID} VALUES (?, ?)", rows)
        for one in schema.tables():
            connection.register("given", registry.tables[one])
            connection.execute(f"CREATE TABLE {one} AS SELECT * FROM given")
            connection.unregister("given")


def _said(path: Path) -> dict[str, str] | None:
    """What a file says about itself; None where it is no registry of ours."""
    try:
        with closing(str(path), read_only=True) as connection:
            return dict(connection.execute(f"SELECT key, value FROM {SAID}").fetchall())
    except duckdb.CatalogException:
        return None
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            raise refused(str(path), "another process holds this file", "Close it there first.") from error
        return None
