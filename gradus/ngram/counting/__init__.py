"""Counts of the n-grams of a text, for every order."""
