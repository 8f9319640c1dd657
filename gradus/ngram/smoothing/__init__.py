"""Smoothers: estimate the probabilities of n-gram models from counts."""
