"""Layers of the networks. The documentation of each layer gives its equations."""
