"""Speeds and memory beside other programs; results with the machine that they come from are in `results/`."""
