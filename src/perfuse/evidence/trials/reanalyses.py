"""Published Bayesian re-analyses beside what follows from the same counts and priors; what cannot be redone is said, not filled in."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from perfuse.evidence.trials import bayes
from perfuse.evidence.trials.dataset import HERE, comparison
from perfuse.evidence.trials.flat_risks import flat_risks
from perfuse.parameters.yamlfile import read_file


@dataclass(frozen=True)
class Reproduced:
    """One number: as printed (in per cent where it is a probability or a difference), recomputed, and whether the two agree."""

    name: str
    printed: float
    decimals: int
    recomputed: float | None

    @property
    def agrees(self) -> bool | None:
        """Within half a unit of the last printed decimal; None where nothing could be recomputed."""
        return None if self.recomputed is None else abs(self.recomputed - self.printed) <= 0.5 * 10.0**-self.decimals


@dataclass(frozen=True)
class Reanalysis:
    """One published re-analysis."""

    id: str
    title: str
    prior: bayes.Prior | None
    numbers: tuple[Reproduced, ...]
    source: str
    mark: str
    note: str

    @property
    def reproduced(self) -> str:
        """ "yes", "in part" or "no"."""
        agreed = [one.agrees for one in self.numbers]
        return "no" if None in agreed else "yes" if all(agreed) else "in part"

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        numbers = [
            {"name": n.name, "printed": n.printed, "decimals": n.decimals, "recomputed": n.recomputed, "agrees": n.agrees}
            for n in self.numbers
        ]
        prior = {"mean": self.prior.mean, "sd": self.prior.sd, "source": self.prior.source, "mark": self.prior.mark} if self.prior else None
        return {
            "id": self.id, "title": self.title, "prior": prior, "numbers": numbers, "reproduced": self.reproduced,
            "source": self.source, "mark": self.mark, "note": self.note,
        }  # fmt: skip


@cache
def reanalyses() -> tuple[Reanalysis, ...]:
    """Goligher's of EOLIA (four priors), INCEPTION's and ARREST's."""
    data, problems = read_file(HERE / "reanalyses.yaml", "reanalyses.yaml")
    problems.raise_if_any()
    return tuple(_redone(name, entry) for name, entry in data.items())


def _redone(name: str, entry: dict[str, Any]) -> Reanalysis:
    table = comparison(entry["comparison"]).counts
    assert table is not None
    prior = bayes.prior_of(entry["prior"]) if entry["kind"] == "log_rr" and entry["prior"] else None
    found: dict[str, Any] = {}
    if prior is not None:
        found = bayes.summary(bayes.posterior(table, prior))
    elif entry["kind"] == "flat_risks":
        found = {**flat_risks(table), "rd_observed": table.e1 / table.n1 - table.e0 / table.n0}
    numbers = []
    for key, (printed, decimals) in entry["printed"].items():
        scale = 100.0 if key.startswith(("p_", "rd_", "arr")) else 1.0
        numbers.append(Reproduced(key, float(printed), decimals, scale * found[key] if key in found else None))
    return Reanalysis(name, entry["title"], prior, tuple(numbers), entry["source"], entry["mark"], entry["note"])
