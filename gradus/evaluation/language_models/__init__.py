"""Evaluate language models: cross-entropy of texts, and measurements of generated texts."""
