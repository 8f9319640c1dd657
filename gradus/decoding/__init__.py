"""Decoding: choose tokens from a model's next-token distributions."""
