"""A run in training, watched."""
