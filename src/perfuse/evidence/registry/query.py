"""One door to the tables of a registry for SQL, wherever they lie."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from perfuse.evidence.registry.tables import Registry

Source = Registry | str | Path | Any
"""A registry in memory, a store, where one lies, or None: the synthetic registry that is made by default."""


@cache
def default() -> Registry:
    """The synthetic registry on which everything runs where no other is named: 5000 runs from seed 1."""
    from perfuse.evidence.registry.synthetic import synthesise

    return synthesise()


@contextmanager
def opened(source: Source, names: Sequence[str]) -> Iterator[Any]:
    """A DuckDB connection in which these tables of the registry can be asked."""
    source = default() if source is None else source
    if isinstance(source, Registry):
        with closing() as connection:
            for name in names:
                connection.register(name, source.tables[name])
            yield connection
        return
    from perfuse.evidence.registry.store import Store, open_store

    store = source if isinstance(source, Store) else open_store(source)
    with store.connected(names) as connection:
        yield connection


@contextmanager
def closing(place: str = ":memory:", read_only: bool = False) -> Iterator[Any]:
    """A connection on two threads at most, which lets go of what it held."""
    connection = duckdb.connect(place, read_only=read_only)
    try:
        connection.execute("SET enable_progress_bar = false")
        yield connection
    finally:
        connection.close()
