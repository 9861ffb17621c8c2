"""A run on disk: its folder appears whole or not at all."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from perfuse.parameters.json_text import json_text
from perfuse.parameters.problems import InputError, Problem
from perfuse.results.readable import ReadableRun
from perfuse.results.stopping import undisturbed

OWN_FILES = frozenset({"summary.json", "trends.parquet", "waveforms.parquet", "sweep.parquet", "report.html"})
"""Names that perfuse writes; a folder with anything else in it is somebody's work and is left alone."""

METADATA = ("safety", "perfuse", "physics_hash", "parameter_hash", "seed", "schema")
"""Keys of the summary that travel in the footer of every Parquet file."""

Written = tuple[str, pa.Table, Mapping[str, Any]]
"""A table to write: its path in the folder, the table, and the summary that says where it comes from."""


def refused(out: Path, text: str, hint: str = "Choose another folder.") -> InputError:
    """The place for the results cannot be used: why, and what to try."""
    return InputError([Problem("", text, hint=hint)], str(out))


def write_run(run: ReadableRun, out: Path, pages: Mapping[str, str] | None = None) -> list[Path]:
    """Write summary, trends, waveforms (if the case asked for them) and `pages` (name -> text) into the folder `out`."""
    return write_runs({"": run}, out, run.summary(), pages)


def write_runs(runs: Mapping[str, ReadableRun], out: Path, summary: dict[str, Any], pages: Mapping[str, str] | None = None) -> list[Path]:
    """Write one summary and `pages` into `out`, and the tables of each run into the sub-folder of its name ("" is `out` itself)."""
    return write_tables(_tables_of(runs), out, summary, pages)


def _tables_of(runs: Mapping[str, ReadableRun]) -> Iterator[Written]:
    for name, run in runs.items():
        origin = run.summary()
        for kind, table in (("trends", run.trends), ("waveforms", run.waveforms)):
            if table is not None:
                yield f"{name}/{kind}.parquet".lstrip("/"), table, origin


def write_tables(tables: Iterable[Written], out: Path, summary: dict[str, Any], pages: Mapping[str, str] | None = None) -> list[Path]:
    """Write one summary, `pages` and tables, each as it comes, into `out`."""
    with whole_folder(out) as folder:
        (folder / "summary.json").write_text(json_text(summary, indent=1) + "\n", encoding="utf-8")
        for name, text in (pages or {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        for name, table, origin in tables:
            (folder / name).parent.mkdir(exist_ok=True)
            write_table(table, folder / name, footer_of(origin))
        written = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [out / path for path in written]


def footer_of(summary: Mapping[str, Any]) -> dict[str, str]:
    """Where a table comes from, in words that stay with the file."""
    return {key: summary[key] if isinstance(summary[key], str) else json_text(summary[key]) for key in METADATA}


def write_table(table: pa.Table, path: Path, footer: Mapping[str, str]) -> None:
    """One Parquet file with its provenance in the footer; numbers are split by byte, which packs smooth signals best."""
    kept = {**(table.schema.metadata or {}), **{key.encode(): value.encode() for key, value in footer.items()}}
    smooth = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    pq.write_table(table.replace_schema_metadata(kept), path, compression="zstd", use_dictionary=False, use_byte_stream_split=smooth)


def refuse_unless_ours(out: Path, own: frozenset[str] = OWN_FILES, summary: str = "summary.json") -> None:
    """Raise `InputError` unless `out` is new, empty, or a folder that perfuse wrote and nobody added to.

    own      names of the files that may lie in it
    summary  the file by which a folder of this kind is known: JSON with the key "perfuse"
    """
    place = out.resolve()
    if place.exists() and not place.is_dir():
        raise refused(out, "this is a file, and results need a folder", "Choose another name.")
    if place == Path.cwd().resolve():
        raise refused(out, "this is the folder you are in, and results need a folder of their own", "Try --out out.")
    parent = next(above for above in place.parents if above.exists())
    if not parent.is_dir():
        raise refused(out, f"{parent} is a file, so no folder can be made inside it")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise refused(out, f"there is no permission to write in {parent}")
    if not place.exists() or not any(place.iterdir()):
        return
    strangers = sorted(str(path.relative_to(place)) for path in place.rglob("*") if not path.is_dir() and path.name not in own)
    if strangers:
        raise refused(out, f"the folder holds {strangers[0]}, which perfuse did not write; it is left as it was")
    if not _has_our_summary(place / summary):
        raise refused(out, "the folder is not empty and was not written by perfuse; it is left as it was")


def _has_our_summary(summary: Path) -> bool:
    try:
        return "perfuse" in json.loads(summary.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


@contextmanager
def whole_folder(out: Path, own: frozenset[str] = OWN_FILES, summary: str = "summary.json") -> Iterator[Path]:
    """A temporary folder beside `out` that becomes `out` when the block ends well, and vanishes when it does not."""
    refuse_unless_ours(out, own, summary)
    target = out.resolve()
    made: list[Path] = []
    building: Path | None = None
    try:
        try:
            with undisturbed():
                _make_parents(target.parent, made)
                building = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        except OSError as error:
            raise refused(out, f"the folder cannot be made ({error.strerror})") from error
        yield building
        building.chmod(0o777 & ~_umask())
        _sync(building)
        with undisturbed():
            _take_place(building, target)
    except BaseException:
        with undisturbed():
            if building is not None:
                shutil.rmtree(building, ignore_errors=True)
            _undo(made)
        raise


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its name when the block ends well, and vanishes when it does not."""
    if path.is_dir():
        raise refused(path, "this is a folder", "Give the name of a file.")
    if not path.parent.is_dir():
        raise refused(path, f"the folder {path.parent} does not exist", "Make it first, or choose another name.")
    building: Path | None = None
    try:
        try:
            with undisturbed():
                handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
                building = Path(name)
                os.close(handle)
        except OSError as error:
            raise refused(path, f"the file cannot be written ({error.strerror})") from error
        yield building
        building.chmod(0o666 & ~_umask())
        os.replace(building, path)
    finally:
        if building is not None:
            with undisturbed():
                building.unlink(missing_ok=True)


def write_text_whole(text: str, path: Path) -> None:
    """One text file, whole or not at all; an existing file of that name is replaced."""
    with whole_file(path) as building, building.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _make_parents(folder: Path, made: list[Path]) -> None:
    for place in [place for place in (folder, *folder.parents) if not place.exists()][::-1]:
        place.mkdir()
        made.append(place)


def _undo(made: list[Path]) -> None:
    """Take folders away that were made for nothing; one in which results stand by now is kept."""
    with suppress(OSError):
        for folder in reversed(made):
            folder.rmdir()


def _take_place(building: Path, target: Path) -> None:
    """Rename `building` to `target`; what stood there goes only after the new folder stands, and returns if it cannot."""
    if not target.exists():
        building.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    os.replace(target, aside)
    try:
        building.rename(target)
    except BaseException:
        os.replace(aside, target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _sync(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
