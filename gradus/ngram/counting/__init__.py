"""Counts of the n-grams of a text, of every order."""
