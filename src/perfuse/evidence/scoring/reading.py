"""A score record from its YAML file, read strictly: unknown keys, names that no input has and conditions that cannot be read are errors."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path as FilePath
from typing import Any, TypeVar, get_args

from perfuse.evidence.scoring.language import Expression, LanguageError, read_expression
from perfuse.evidence.scoring.records import Band, Class, Cohort, External, Input, InputType, Item, Remark, Score, Status, Threshold
from perfuse.parameters.problems import Path, Problems, did_you_mean
from perfuse.parameters.records import MARKS, check_keys
from perfuse.parameters.yamlfile import read_file

_T = TypeVar("_T")
RANGE_SOURCE = "limits of plausible entry, chosen for this library"
TOTAL = "total"
_KEYS = tuple(f.name for f in fields(Score) if f.name not in ("id", "class_name", "class_of"))


class _Reader:
    """One file: its data, its problems, and the names that expressions may read."""

    def __init__(self, data: Mapping[str, Any], problems: Problems) -> None:
        self.data, self.problems = data, problems
        self.names: set[str] = set()

    def expression(self, text: object, path: Path, of: str | None = None) -> Expression | None:
        """An expression whose names are all known."""
        try:
            found = read_expression(str(text).lower() if isinstance(text, bool) else str(text), of)
        except LanguageError as error:
            self.problems.add(path, str(error), value=text)
            return None
        for name in sorted(found.names - self.names):
            self.problems.add(path, f"'{name}' is no input and no earlier result", value=name, hint=did_you_mean(name, self.names))
        return found

    def each(self, key: str, read: Callable[[Any, Path], _T | None]) -> tuple[_T, ...]:
        """A list of entries under a key."""
        found = [read(entry, (key, i)) for i, entry in enumerate(self.data.get(key) or [])]
        return tuple(one for one in found if one is not None)

    def named(self, key: str, data: Mapping[str, Any] | None = None) -> dict[str, Expression]:
        """A mapping of names to expressions; later ones may read earlier ones."""
        out: dict[str, Expression] = {}
        for name, text in ((data if data is not None else self.data.get(key)) or {}).items():
            found = self.expression(text, (key, name))
            if found is not None:
                out[name] = found
            self.names.add(name)
        return out

    def mark(self, entry: Mapping[str, Any], path: Path, key: str = "mark") -> Any:
        """A mark, checked."""
        if entry.get(key) not in MARKS:
            self.problems.add((*path, key), f"'{entry.get(key)}' is not a mark", allowed=", ".join(MARKS))
        return entry.get(key)


def read_score(path: FilePath) -> Score:
    """The record of one file; InputError with every problem."""
    data, problems = read_file(path, path.name)
    reader = _Reader(data, problems)
    check_keys(data, _KEYS, (), problems)
    if data.get("status") not in get_args(Status):
        problems.add(("status",), f"'{data.get('status')}' is not a status", allowed=", ".join(get_args(Status)))
    inputs = {name: _input(name, entry or {}, ("inputs", name), reader) for name, entry in (data.get("inputs") or {}).items()}
    reader.names = set(inputs)
    items = {name: _item(name, entry, inputs, reader) for name, entry in (data.get("items") or {}).items()}
    turns = {
        name: tuple(e for i, text in enumerate(texts) if (e := reader.expression(text, ("turns", name, i))))
        for name, texts in (data.get("turns") or {}).items()
    }
    terms = reader.named("terms")
    own = set(reader.names)
    criteria = reader.named("criteria")
    if criteria:
        reader.names = set(criteria)
    reader.names |= {TOTAL} if items or terms else set()
    outputs = reader.named("outputs", data.get("outputs") or ({"score": TOTAL} if items else {}))
    reader.names |= own
    classes = data.get("classes") or {}
    check_keys(classes, ("as", "of", "rows"), ("classes",), problems)
    of = classes.get("of", "score" if "score" in outputs else None)
    score = Score(
        id=path.stem,
        name=str(data.get("name")),
        endpoint=data.get("endpoint"),
        status=data["status"],
        source=str(data.get("source")),
        evidence=str(data.get("evidence")),
        mark=reader.mark(data, ()),
        confidence=str(data.get("confidence")),
        inputs=inputs,
        one_of=tuple(tuple(group) for group in data.get("one_of") or ()),
        items=items,
        constant=data.get("constant", 0),
        total=data.get("total", "sum"),
        total_range=_pair(data.get("total_range")),
        terms=terms,
        criteria=criteria,
        outputs=outputs,
        output_ranges={name: (pair[0], pair[1]) for name, pair in (data.get("output_ranges") or {}).items()},
        turns=turns,
        main=data.get("main", "score"),
        components=data.get("components", False),
        failed=data.get("failed", False),
        class_name=classes.get("as", ""),
        class_of=of or "",
        classes=tuple(_class(row, of, ("classes", "rows", i), reader) for i, row in enumerate(classes.get("rows") or [])),
        thresholds=reader.each("thresholds", lambda entry, place: _threshold(entry, place, reader)),
        requires=reader.each("requires", lambda entry, place: _remark(entry, "that", place, reader)),
        warns=reader.each("warns", lambda entry, place: _remark(entry, "when", place, reader)),
        warning=data.get("warning", ""),
        cohort=_plain(Cohort, data["cohort"], ("cohort",), reader) if data.get("cohort") else None,
        external=reader.each("external", lambda entry, place: _plain(External, entry, place, reader)),
        ecmo=data.get("ecmo", False),
        notes=tuple(data.get("notes") or ()),
        known=data.get("known"),
        missing=data.get("missing", ""),
        stages={str(key): str(text) for key, text in (data.get("stages") or {}).items()},
    )
    problems.raise_if_any()
    return score


def _pair(given: Any) -> tuple[Any, Any] | None:
    return None if given is None else (given[0], given[1])


def _input(name: str, entry: Mapping[str, Any], path: Path, reader: _Reader) -> Input:
    known = ("type", "unit", "range", "range_source", "range_mark", "values", "note", "substance", "optional", "absent", "absent_value")
    check_keys(dict(entry), known, path, reader.problems)
    kind = entry.get("type", "number")
    if kind not in get_args(InputType):
        reader.problems.add((*path, "type"), f"'{kind}' is not a type of input", allowed=", ".join(get_args(InputType)))
    if kind in ("number", "integer") and "range" not in entry:
        reader.problems.add(path, "'range' is missing", hint="A number needs the range in which it can be given.")
    if entry.get("optional") and not entry.get("absent"):
        reader.problems.add(path, "'absent' is missing", hint="Say what holds when the input is left out.")
    low, high = _pair(entry.get("range")) or (None, None)
    rest = {key: entry[key] for key in ("unit", "range_mark", "note", "substance", "optional", "absent", "absent_value") if key in entry}
    source = entry.get("range_source", RANGE_SOURCE)
    return Input(name, kind, low=low, high=high, range_source=source, values=tuple(entry.get("values") or ()), **rest)


def _item(name: str, entry: Mapping[str, Any], inputs: Mapping[str, Input], reader: _Reader) -> Item:
    path: Path = ("items", name)
    check_keys(dict(entry), ("of", "bands", "words", "yes", "no", "note"), path, reader.problems)
    of = entry.get("of")
    of_list: Iterable[str] = [of] if isinstance(of, str) else of or []
    for one in of_list:
        if one not in inputs:
            reader.problems.add((*path, "of"), f"'{one}' is no input", hint=did_you_mean(str(one), inputs))
    single = of if isinstance(of, str) else None
    bands = []
    for i, row in enumerate(entry.get("bands") or []):
        check_keys(row, ("when", "points"), (*path, "bands", i), reader.problems)
        when = reader.expression(row.get("when"), (*path, "bands", i), single)
        if when is not None:
            bands.append(Band(when, row["points"]))
    for word, sign in (("yes", ""), ("no", "not ")):
        if word in entry and single is not None:
            other = "not " if word == "yes" else ""
            first, second = (reader.expression(f"{prefix}{single}", path) for prefix in (sign, other))
            if first is not None and second is not None:
                bands += [Band(first, entry[word]), Band(second, 0)]
    words = entry.get("words") or {}
    if words and single in inputs and set(words) != set(inputs[single or ""].values):
        reader.problems.add(path, "every word of the input needs its points", allowed=", ".join(inputs[single or ""].values))
    return Item(name, tuple(of_list), tuple(bands), words, entry.get("note", ""))


def _class(row: Mapping[str, Any], of: str | None, path: Path, reader: _Reader) -> Class:
    check_keys(dict(row), ("label", "when", "outcome", "n", "note"), path, reader.problems)
    when = reader.expression(row.get("when"), path, of) or Expression("", frozenset(), {}, lambda values: False)
    label = row.get("label")
    return Class(None if label is None else str(label), when, row.get("outcome") or {}, row.get("n"), row.get("note", ""))


def _threshold(entry: Mapping[str, Any], path: Path, reader: _Reader) -> Threshold:
    check_keys(dict(entry), ("label", "when", "rule", "source", "mark"), path, reader.problems)
    when = reader.expression(entry["when"], path) if "when" in entry else None
    return Threshold(str(entry.get("label")), when, str(entry.get("rule")), str(entry.get("source")), reader.mark(entry, path))


def _remark(entry: Mapping[str, Any], key: str, path: Path, reader: _Reader) -> Remark | None:
    check_keys(dict(entry), (key, "text"), path, reader.problems)
    when = reader.expression(entry.get(key), path)
    return None if when is None else Remark(when, str(entry.get("text")))


def _plain(cls: type[_T], entry: Mapping[str, Any], path: Path, reader: _Reader) -> _T | None:
    """A record without expressions."""
    before = len(reader.problems)
    check_keys(dict(entry), tuple(f.name for f in fields(cls)), path, reader.problems)  # type: ignore[arg-type]
    reader.mark(entry, path)
    return cls(**entry) if len(reader.problems) == before else None
