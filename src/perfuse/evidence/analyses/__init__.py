"""The analyses of a registry by name: which rows, which columns by default, and the truth of the embedded registry."""
