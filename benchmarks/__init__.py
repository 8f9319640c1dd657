"""Measure the speed and the memory of the n-gram engine; write the results to `benchmarks/results/`."""
