"""Times to events: curves, cumulative incidence under competing risks, subdistribution and time-varying hazards."""
