"""The laboratory of EOLIA: its sequential design and early stop, crossover and six ways to look through it, on simulated individuals.

published     the margins of the trial, each with its source and mark
design        boundaries, where the trial stopped, operating characteristics, estimates adjusted for the stopping
crossover     estimates of the effect of ECMO that the crossover hides, on individuals with exactly the published margins
replicates    which method finds the truth under which mechanism of crossover
"""
