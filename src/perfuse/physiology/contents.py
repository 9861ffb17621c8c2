"""What the blood carries: O2, CO2, haemoglobin and heat travel with the flow through every compartment.

Contents move every slow step by the volumes that really crossed each border since the last one, forward and backward counted apart, so that
mass is conserved to rounding and blood that swings to and fro carries the right donor's content:

    c' = c + sum over inflows of volume (c_donor - c) / V'

where V' is the volume afterwards (`carry` in physiology/circulation_written.py, from the table of vessels). The watershed of VA-ECMO and
recirculation in VV-ECMO come from this and nothing else.
"""

from perfuse.physiology.circulation_written import SHARES, Carried

PLACES = Carried._fields
BEDS = SHARES._fields
SPECIES = ("o2", "co2", "hb", "temp")
