"""The laboratory of EOLIA: its sequential design and early stop, crossover and six ways to look through it, on simulated individuals."""
