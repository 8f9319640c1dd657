"""Evaluation of language models: cross-entropy, floors, generated text."""
