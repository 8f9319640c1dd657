"""Smoothers: from counts to the probabilities of an n-gram model."""
