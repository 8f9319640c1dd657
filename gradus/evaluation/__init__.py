"""Sums and counts of what a model gets right, divided once."""
