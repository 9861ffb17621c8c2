"""Scores and criteria: each is a YAML file of points, classes and sources; one evaluator reads them all. (`scores` is the function.)"""
