"""The parts of a case file. Numbers are held in the unit of their table; times are seconds."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from perfuse.parameters.door import AtDoor, Strict, given, table_model
from perfuse.parameters.tables import bedside, case_fields, fluids, patient_parameters, settings

VENOUS_DRAINS = ("svc", "ra", "ivc")
VENTS = ("la", "lv", "pa")
DRAIN_SITES = (*VENOUS_DRAINS, *VENTS)
VENOUS_RETURNS = ("ra", "svc", "ivc")
ARTERIAL_RETURNS = ("femoral_artery", "axillary_artery", "ascending_aorta")
RETURN_SITES = (*VENOUS_RETURNS, "pa", *ARTERIAL_RETURNS)
MODES = ("vv", "va", "vav", "vpa")


def _at(place: str) -> AtDoor:
    return AtDoor(case_fields()[place])


def _time(place: str) -> AtDoor:
    return AtDoor(case_fields()[place], bare=False)


def _site_as_shares(value: object) -> object:
    return {value: 1.0} if isinstance(value, str) else value


def _text_as_library(value: object) -> object:
    return {"library": value} if isinstance(value, str) else value


def _none_as_nothing(value: object) -> object:
    return None if isinstance(value, str) and value == "none" else value


_SITE_SCHEMA: dict[str, Any] = {"anyOf": [{"enum": list(DRAIN_SITES)}, {"type": "object", "additionalProperties": {"type": "number"}}]}


class PatientSet(table_model("PatientSet", patient_parameters())):  # type: ignore[misc]
    """Parameters of the patient that differ from the library's."""


class Bedside(table_model("Bedside", bedside())):  # type: ignore[misc]
    """Measurements at the bedside, from which a patient is derived."""


class Settings(table_model("Settings", settings())):  # type: ignore[misc]
    """What changes: names of controls.yaml."""


class Fluids(table_model("Fluids", fluids())):  # type: ignore[misc]
    """What is given or taken."""


class PatientChoice(Strict):
    """Who: a patient of the library, or one derived from bedside measurements; `set` changes single parameters.

    `scaled_to`: the library's patient as a body of another weight (an animal of 45 kg, say); what `set` changes is not scaled again.
    """

    library: str | None = None
    scaled_to: Annotated[float, AtDoor(patient_parameters()["weight"])] | None = None
    bedside: Bedside | None = None
    set: PatientSet | None = None

    @property
    def changes(self) -> dict[str, float]:
        """Parameters that are set, in the units of patient.yaml."""
        return given(self.set)

    @property
    def measurements(self) -> dict[str, float]:
        """Bedside measurements, in the units of bedside.yaml."""
        return given(self.bedside)


class Ventilator(Strict):
    """Ventilator settings from the start of support (pressures in cmH2O, volumes in mL, rate per minute)."""

    mode: Literal["pressure", "volume", "spontaneous"] = "pressure"
    peep: Annotated[float, _at("ventilator.peep")] | None = None
    driving_pressure: Annotated[float, _at("ventilator.driving_pressure")] | None = None
    vt: Annotated[float, _at("ventilator.vt")] | None = None
    rate: Annotated[float, _at("ventilator.rate")] | None = None
    fio2: Annotated[float, _at("ventilator.fio2")] | None = None
    ti: Annotated[float, _at("ventilator.ti")] | None = None


class Drain(Strict):
    """A drainage cannula and where its holes lie: one site, or shares of several."""

    cannula: str
    site: Annotated[dict[str, Annotated[float, _at("support.drain.share")]], BeforeValidator(_site_as_shares), WithJsonSchema(_SITE_SCHEMA)]


class Return(Strict):
    """A return cannula, its site, and in veins the distance (cm) from the drainage tip."""

    cannula: str
    site: str = Field(json_schema_extra={"enum": list(RETURN_SITES)})
    tip_distance: Annotated[float, _at("support.return.tip_distance")] | None = None


class PumpSetting(Strict):
    """A pump and either its speed (rpm) or the flow (L/min) that a controller on speed tries to reach."""

    model: str
    rpm: Annotated[float, _at("support.pump.rpm")] | None = None
    flow: Annotated[float, _at("support.pump.flow")] | None = None


class LungChoice(Strict):
    """A membrane lung."""

    model: str


class Gas(Strict):
    """Sweep gas (L/min) with its fractions of O2 and CO2."""

    sweep: Annotated[float, _at("support.gas.sweep")]
    fdo2: Annotated[float, _at("support.gas.fdo2")] = 1.0
    fdco2: Annotated[float, _at("support.gas.fdco2")] = 0.0


class DistalPerfusion(Strict):
    """A line from the return limb into the leg that holds the arterial cannula."""

    cannula: str


class Support(Strict):
    """An ECMO circuit; it starts `start` seconds after the beginning of the run, with what is stated here as changed by earlier steps.

    `established`: it has been running for long when the run begins, filled with the patient's own blood, and the steady state is found
    with it.
    """

    mode: Literal["vv", "va", "vav", "vpa"]
    drain: list[Drain] = Field(min_length=1)
    return_: list[Return] = Field(alias="return", min_length=1)
    pump: PumpSetting
    lung: LungChoice
    gas: Gas
    distal_perfusion: DistalPerfusion | None = None
    temperature: Annotated[float, _at("support.temperature")] | None = None
    start: Annotated[float, _time("support.start")] = 0.0
    established: bool = False


class DeviceChoice(Strict):
    """A device beside or instead of the circuit; it starts as a circuit does, `start` seconds after the beginning of the run.

    side   of a pump that may stand on either ("left", "right"; pulsatile chambers also "both")
    rpm, level, ratio   speed of a rotary pump, or its P-level; beats per inflation of a balloon
    inlet, outlet   other places than the device's own (lv, la, rv, ra, ivc; root, ascending, descending, femoral, pa)
    `established`: it has been running for long when the run begins, and the steady state is found with it.
    """

    model: str
    side: Literal["left", "right", "both"] | None = None
    rpm: Annotated[float, _at("devices.rpm")] | None = None
    level: Annotated[float, _at("devices.level")] | None = None
    ratio: Annotated[float, _at("devices.ratio")] | None = None
    inlet: str | None = None
    outlet: str | None = None
    start: Annotated[float, _time("devices.start")] = 0.0
    established: bool = False


class Step(Strict):
    """One event of the protocol: at a time (s), over a time (s), something is set, given, or goes wrong.

    What is set stays set until a later step sets it. A machine stands still before its start; what a step sets of it by then (clamps,
    power, sweep, speed, flow, ratio) is what it starts with.
    """

    at: Annotated[float, _time("protocol.at")]
    over: Annotated[float, _time("protocol.over")] = 0.0
    set: Settings | None = None
    give: Fluids | None = None
    fault: str | None = None
    severity: Annotated[float, _at("protocol.severity")] | None = None

    @property
    def settings(self) -> dict[str, float]:
        """Controls that are set, in the units of controls.yaml."""
        return given(self.set)

    @property
    def fluids(self) -> dict[str, float]:
        """Fluids given, in mL."""
        return given(self.give)


class Window(Strict):
    """A stretch of the run (s) whose waveforms are kept."""

    from_: Annotated[float, _time("outputs.from")] = Field(alias="from")
    for_: Annotated[float, _time("outputs.for")] = Field(alias="for")


class Outputs(Strict):
    """What is written beyond the summary and the trends."""

    waveforms: list[Window] = Field(default_factory=list)


class Case(Strict):
    """A case file: who, on what, what happens, for how long (s)."""

    schema_: Literal["perfuse-case/1"] = Field(alias="schema")
    title: str = Field(min_length=1)
    patient: Annotated[PatientChoice, BeforeValidator(_text_as_library)]
    ventilator: Ventilator | None = None
    support: Annotated[Support | None, BeforeValidator(_none_as_nothing)] = None
    devices: list[DeviceChoice] = Field(default_factory=list)
    protocol: list[Step] = Field(default_factory=list)
    duration: Annotated[float, _time("duration")]
    seed: int = Field(1, ge=0, le=4294967295)
    outputs: Outputs = Outputs()
    compare: list[str] = Field(default_factory=list, description="supports that `perfuse compare` sets side by side where none is named")
    about: str = ""
    source: list[str] = Field(default_factory=list)

    @property
    def begins(self) -> float:
        """When support begins, s: that of the circuit, or of the first device; 0 without any."""
        starts = [device.start for device in self.devices]
        return self.support.start if self.support is not None else min(starts, default=0.0)

    @property
    def supported(self) -> bool:
        """Whether there is a circuit or a device."""
        return self.support is not None or bool(self.devices)
