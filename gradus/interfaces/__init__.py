"""Interfaces between models and what trains, decodes and evaluates them, and the losses."""
