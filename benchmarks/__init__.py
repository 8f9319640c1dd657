"""Benchmarks of speed and memory; `results/` holds their results with a description of the machine."""
