"""The loop, the step, and what they need: solvers, precision, processes, state."""
