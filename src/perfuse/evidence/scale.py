"""One analysis over many parts of a table: what is asked of each part, and how the answers are gathered.

An analysis that can be done in parts asks every part for sums (counts, log likelihoods, gradients) and adds them; it never holds
more than one part in a process. Three ways to ask: one after another, in processes of this machine, or through Dask on a cluster.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from perfuse.evidence.progress import Progress
from perfuse.parameters.problems import InputError, Problem, did_you_mean

Ask = Callable[[Any], Any]
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Map(Protocol):
    """Asks every part the same and gives the answers in the order of the parts."""

    def __call__(self, ask: Ask, parts: Sequence[Any], /) -> Iterable[Any]: ...


@dataclass(frozen=True)
class Part:
    """A part of a table: a Parquet file that whoever works on it reads itself, or a frame that is at hand."""

    where: str | pd.DataFrame

    def frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows of this part, only the columns named; InputError where it lacks one."""
        if isinstance(self.where, pd.DataFrame):
            there, file = list(map(str, self.where.columns)), "the registry"
        else:
            from pyarrow.parquet import read_schema

            there, file = list(read_schema(self.where).names), self.where
        wanted = there if columns is None else list(dict.fromkeys(columns))
        absent = [name for name in wanted if name not in there]
        if absent:
            raise InputError([Problem(name, "there is no such column", hint=did_you_mean(name, there)) for name in absent], file)
        return self.where[wanted] if isinstance(self.where, pd.DataFrame) else pd.read_parquet(self.where, columns=wanted)


def parts_of(folder: Path) -> list[Part]:
    """The Parquet files of a folder (and of the folders in it), in the order of their names; InputError where there are none."""
    files = sorted(str(path) for path in Path(folder).rglob("*.parquet"))
    if not files:
        raise InputError([Problem("", "there is no Parquet file in this folder", hint="Name the folder of the parts.")], str(folder))
    return [Part(file) for file in files]


def split(frame: pd.DataFrame, number: int, by: str | None = None) -> list[Part]:
    """A frame in parts of about the same size; rows that share a value of `by` stay together."""
    if by is None:
        return [Part(frame.iloc[rows]) for rows in np.array_split(np.arange(len(frame)), number) if rows.size]
    codes, _ = pd.factorize(frame[by], sort=True)
    counts = np.bincount(codes)
    group = np.minimum((np.cumsum(counts) - counts) * number // max(1, len(frame)), number - 1)[codes]
    return [Part(frame[group == i]) for i in np.unique(group)]


def serial(ask: Ask, parts: Sequence[Any], /) -> Iterator[Any]:
    """One part after another, in this process."""
    return map(ask, parts)


@contextmanager
def processes(number: int) -> Iterator[Map]:
    """As many processes of this machine as asked, each with one thread of linear algebra, so that they do not fight for the cores.

    Frames at hand are copied to them, files are read by them. A script that uses this must keep its own work under
    `if __name__ == "__main__":`, because each process reads the script again.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    kept = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        with ProcessPoolExecutor(number, mp_context=get_context("forkserver")) as pool:
            yield lambda ask, parts: pool.map(ask, parts)
    finally:
        for name, value in kept.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def cluster(address: str | None = None, workers: int = 2) -> Iterator[Map]:
    """The workers of a Dask scheduler at an address ("tcp://host:8786"), or of one that is started here.

    Needs the extra `cluster` (dask.distributed). Files are read where the work is done: every worker must see their paths.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        hint = "Install the extra: pip install 'perfuse[cluster]'."
        raise InputError([Problem("", "Dask is not installed", hint=hint)], "the cluster") from None
    try:
        here = (
            None if address else distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, protocol="tcp")
        )
        client = distributed.Client(address or here, timeout="10s")
    except (OSError, ValueError) as error:
        hint = "Start one with `dask scheduler`, or leave the address out for one on this machine."
        raise InputError([Problem("", f"no scheduler answers: {error}", value=address, hint=hint)], "the cluster") from None
    try:
        yield lambda ask, parts: client.gather(client.map(ask, list(parts), pure=False))
    finally:
        client.close()
        if here is not None:
            here.close()


def told(answers: Iterable[Any], total: int, progress: Progress | None, words: str = "") -> Iterator[Any]:
    """The same answers, with progress told after each."""
    for done, answer in enumerate(answers, 1):
        if progress is not None:
            progress(done, total, words)
        yield answer


def write_parts(frame: pd.DataFrame, folder: Path, number: int, by: str | None = None) -> list[Part]:
    """A frame as Parquet files of about the same size, part-0000.parquet and on; rows that share a value of `by` stay together.

    Refuses a folder that holds files already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError([Problem("", "the folder is not empty", hint="Name a new folder.")], str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for i, part in enumerate(split(frame, number, by)):
        path = folder / f"part-{i:04d}.parquet"
        part.frame().to_parquet(path, index=False)
        out.append(Part(str(path)))
    return out
