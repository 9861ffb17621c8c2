"""Runs of support as a registry: the schema, importers, what is refused, and a synthetic registry whose truth is known."""
