"""Recurrent cells: each file has one cell with its equations and its settings. `table` lists all cells."""
