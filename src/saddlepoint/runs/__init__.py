"""The run folder: what a run was told, where it stands, what it did."""
