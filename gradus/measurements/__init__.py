"""Measurements of trained models and of their trainings: one file per kind."""
