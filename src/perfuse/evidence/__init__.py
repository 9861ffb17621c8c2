"""Proof: the published tables, and the comparison of the simulator with them. No simulation code lives here."""
