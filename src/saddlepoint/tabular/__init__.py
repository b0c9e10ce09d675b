"""Columns of tables: their values, and how cells are written."""
