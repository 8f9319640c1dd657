"""Decoding: choose tokens from the distributions of any model that offers a `Step`."""
