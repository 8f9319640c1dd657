"""Folders of a repository that hold the models of each track."""

MODEL_FOLDERS = {"lm": ("models/lm", "models/mixtures"), "mt": ("models/mt",)}
"""Dict from each track (`lm` or `mt`) to the folders of its models."""
