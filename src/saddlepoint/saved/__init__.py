"""What lies in a run folder, and a model out of it."""
