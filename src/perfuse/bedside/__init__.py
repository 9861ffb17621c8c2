"""Live runs: what happens to a patient at the bedside, and the record that is kept of it."""
