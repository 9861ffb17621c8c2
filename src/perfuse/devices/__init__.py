"""The machines' equations: pump, cannulae, membrane lung, gas, joined into a circuit.

Engine units; water-table numbers are scaled for blood.
"""
