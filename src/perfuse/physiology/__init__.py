"""The patient's equations: one idea a file, pure functions on floats, engine units (mmHg, mL, s, mL gas/mL blood, degC, g/dL)."""
