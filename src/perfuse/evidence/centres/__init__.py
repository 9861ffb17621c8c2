"""Centres: volume and outcome, funnels, monitoring charts, calibration of scores."""
