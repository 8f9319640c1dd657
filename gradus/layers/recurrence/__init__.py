"""Recurrent cells: one file per cell, with its settings and its equations; `table` lists them."""
