"""A run as it stands at a bed: what the monitor reads, what alarms, what the laboratory returns, who did what, and how it is kept."""
