"""Effects as they were printed, read from words: measure, estimate, interval, P, and how many decimals were printed."""

import re
from dataclasses import dataclass

_NUMBER = r"-?\d+(?:\.\d+)?"
_EFFECT = re.compile(
    rf'(?P<about>[^;(]*?)"?\b(?P<measure>aOR|OR|RR|HR|ARD|RD)\b"?\s(?P<value>{_NUMBER})(?P<percent>%?)'
    rf"\s?\((?P<kind>CrI\s)?(?P<low>{_NUMBER})(?P<sic>\[sic\])?(?:-|\sto\s)(?P<high>{_NUMBER})\)"
)
_SHARES = re.compile(rf"(?P<one>{_NUMBER})%\sv\s(?P<two>{_NUMBER})%")
_P = re.compile(r"(?<!posterior )(?<![a-z])P(?P<sign>[<=])(?P<value>0?\.\d+)")
_PLAIN = {"", "marginal"}
"""Words before a measure that leave it the effect of the row's own end point."""


@dataclass(frozen=True)
class PrintedEffect:
    """One effect with an interval.

    measure          as printed: RR, OR, RD, HR, aOR
    value, low, high in the printed unit; per cent of a risk difference as 0-100
    decimals         printed decimals of the estimate, low and high
    about            words before it where it is about something else than the row ("major bleeding"), else empty
    credible         whether the interval is a credible one
    sic              whether a limit was printed that cannot be right
    """

    measure: str
    value: float
    low: float
    high: float
    decimals: tuple[int, int, int]
    about: str = ""
    percent: bool = False
    credible: bool = False
    sic: bool = False

    @property
    def text(self) -> str:
        """As it stood, in short."""
        unit = "%" if self.percent else ""
        v, low, high = (f"{x:.{d}f}" for x, d in zip((self.value, self.low, self.high), self.decimals, strict=True))
        return f"{self.measure} {v}{unit} ({'CrI ' if self.credible else ''}{low}{'[sic]' if self.sic else ''} to {high})"


@dataclass(frozen=True)
class Printed:
    """All that was printed for a row: effects, two percentages or one, P (and whether it was "P<")."""

    text: str
    effects: tuple[PrintedEffect, ...]
    shares: tuple[float, float] | None = None
    share_decimals: tuple[int, int] = (0, 0)
    p: float | None = None
    p_is_below: bool = False

    @property
    def own(self) -> PrintedEffect | None:
        """The effect about the row's own end point, None where there is none."""
        return next((one for one in self.effects if not one.about), None)


def read_printed(text: str) -> Printed:
    """What a text such as "31.5% v 22.0%, OR 1.63 (0.93-2.85) P=0.09" says."""
    effects = tuple(_effect(hit) for hit in _EFFECT.finditer(text))
    first = text.partition(";")[0]
    share = _SHARES.search(text)
    p = _P.search(first) or _P.search(text)
    own_shares = share if share is not None and _about(text[: share.start()].rpartition(";")[2]) == "" else None
    return Printed(
        text=text,
        effects=effects,
        shares=(float(own_shares["one"]), float(own_shares["two"])) if own_shares else None,
        share_decimals=(_decimals(own_shares["one"]), _decimals(own_shares["two"])) if own_shares else (0, 0),
        p=float(p["value"]) if p else None,
        p_is_below=bool(p and p["sign"] == "<"),
    )


def _effect(hit: re.Match[str]) -> PrintedEffect:
    measure = "RD" if hit["measure"] == "ARD" else hit["measure"]
    return PrintedEffect(
        measure=measure,
        value=float(hit["value"]),
        low=float(hit["low"]),
        high=float(hit["high"]),
        decimals=(_decimals(hit["value"]), _decimals(hit["low"]), _decimals(hit["high"])),
        about=_about(hit["about"]),
        percent=bool(hit["percent"]),
        credible=bool(hit["kind"]),
        sic=bool(hit["sic"]),
    )


def _about(words: str) -> str:
    """What stands before a number, without other numbers; empty where it is about the row itself."""
    plain = _SHARES.sub("", words)
    plain = _P.sub("", plain)
    plain = re.sub(r"[\"(),;:]|I2=\S+", " ", plain)
    plain = " ".join(plain.split())
    return "" if plain in _PLAIN else plain


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])
