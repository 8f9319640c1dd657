"""Corpora: the built-in grammar, public corpora, and the user's own text."""
