"""Layers of the networks, each written as its equations."""
