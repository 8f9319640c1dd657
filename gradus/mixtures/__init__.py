"""Interpolation of language models: settings, combination of distributions, fitted weights, step, storage."""
