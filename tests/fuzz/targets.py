"""Every reader of files, by name."""

from tests.fuzz import model_targets, text_targets

TARGETS = text_targets.TARGETS | model_targets.TARGETS
