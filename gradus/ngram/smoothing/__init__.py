"""Estimate the probabilities of n-gram models from counts, with one module per smoother."""
