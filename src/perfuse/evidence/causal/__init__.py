"""Treated and untreated compared: propensity scores, weights, balance, sensitivity, emulated trials."""
