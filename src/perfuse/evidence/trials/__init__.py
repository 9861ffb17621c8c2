"""The trials table, effects of two arms, pooling, priors: what was printed beside what follows from the counts."""
