"""Tokenizers for whole words, for subwords and for characters."""
