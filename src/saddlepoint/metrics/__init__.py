"""Metrics: arrays in, numbers out. Argument order is always (real, fake)."""
