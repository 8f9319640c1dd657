"""All measurements of n-gram models, by the class of their settings."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from gradus.choices import OneOf
from gradus.measurements.contexts import ContextsConfig, measure_contexts
from gradus.measurements.measured import Measured
from gradus.measurements.ngram_subject import NgramSubject

NGRAM_MEASUREMENTS: Mapping[type, Callable[[NgramSubject, Any], Measured]] = {ContextsConfig: measure_contexts}
"""Dict from the settings of a measurement of n-gram models to its function."""

AnyNgramMeasurement = Annotated[object, OneOf(tuple(NGRAM_MEASUREMENTS))]
"""Type of the settings under `measure_lm_ngram.NAME` in params.yaml."""
