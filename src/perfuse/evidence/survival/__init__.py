"""Times to events: curves, cumulative incidence under competing risks, subdistribution and time-varying hazards.

    kaplan_meier          only where nothing competes with the event
    cumulative_incidence  Aalen-Johansen, per cause and group
    fine_gray             subdistribution hazard ratios
    ecmo_cox              hazard ratio of a treatment that starts during follow-up

Each takes a DataFrame and names of columns, and returns a `Finding`.
"""

from perfuse.evidence.survival.ecmo_cox import ecmo_cox
from perfuse.evidence.survival.fine_gray import fine_gray
from perfuse.evidence.survival.incidence import cumulative_incidence
from perfuse.evidence.survival.kaplan_meier import kaplan_meier

__all__ = ["cumulative_incidence", "ecmo_cox", "fine_gray", "kaplan_meier"]
