"""Every reader of files, by name."""

from tests.fuzz import (
    config_targets,
    mixture_targets,
    network_targets,
    ngram_targets,
    report_targets,
    stage_targets,
    study_targets,
    text_targets,
    token_targets,
)

TARGETS = (
    text_targets.TARGETS
    | config_targets.TARGETS
    | report_targets.TARGETS
    | ngram_targets.TARGETS
    | network_targets.TARGETS
    | mixture_targets.TARGETS
    | token_targets.TARGETS
    | stage_targets.TARGETS
    | study_targets.TARGETS
)
