"""Samples before real ones."""
