"""Time: the layout of state, one step, the kernels that compile it, runs, live stepping, snapshots."""
