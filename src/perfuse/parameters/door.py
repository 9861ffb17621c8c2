"""Numbers of a case file as pydantic fields: unit, range and source come from a table, so do the errors and the JSON Schema."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from perfuse.parameters.problems import Problems
from perfuse.parameters.tables import Entry


class Strict(BaseModel):
    """A part of a case file: unknown keys are errors, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


class AtDoor:
    """Reads one number with its unit into the unit of its table entry; `bare` False asks for a written unit."""

    def __init__(self, entry: Entry, *, bare: bool = True) -> None:
        self.entry = entry
        self.bare = bare

    def read(self, given: object, info: core_schema.ValidationInfo[Any]) -> float:
        """The number; a problem becomes one pydantic error that carries it."""
        problems = Problems()
        value = self.entry.read(given, (), problems, bare=self.bare or bool((info.context or {}).get("bare_times")))
        if value is None:
            found = problems.found[0]
            raise PydanticCustomError(
                "door", "{text}", {k: getattr(found, k) or "" for k in ("text", "value", "allowed", "source", "hint")}
            )
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        entry = self.entry
        if entry.options:
            return {"enum": list(entry.options), "description": entry.text or entry.name}
        about = f"{entry.text or entry.name}; {entry.allowed}"
        text = {"type": "string", "pattern": r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*\S+", "examples": [_example(entry)]}
        number = {"type": "number"}
        if entry.low is not None:
            number["minimum"] = entry.low  # type: ignore[assignment]
        if entry.high is not None:
            number["maximum"] = entry.high  # type: ignore[assignment]
        if not self.bare:
            return {**text, "description": f"{about}; the unit must be written"}
        return {"anyOf": [number, text], "description": f"{about}; a bare number is in {entry.unit if entry.unit != '1' else 'parts of 1'}"}


def table_model(name: str, entries: dict[str, Entry]) -> type[Strict]:
    """A model with one optional number for each entry of a table, under the table's own names."""
    fields: dict[str, Any] = {}
    for key, entry in entries.items():
        fields["n_" + key.replace(".", "_").replace("-", "_")] = (Annotated[float, AtDoor(entry)] | None, Field(None, alias=key))
    return create_model(name, __base__=Strict, **fields)


def given(model: BaseModel | None) -> dict[str, float]:
    """What a table model holds, under the table's own names."""
    return {} if model is None else model.model_dump(by_alias=True, exclude_none=True)


def _example(entry: Entry) -> str:
    middle = entry.default if entry.default is not None else entry.high if entry.high is not None else entry.low or 1.0
    return f"{middle:g} {entry.unit}"
