"""List the measurements of n-gram models."""

from collections.abc import Callable, Mapping
from typing import Any

from gradus.measurements.contexts import ContextsConfig, measure_contexts
from gradus.measurements.file import Measured
from gradus.measurements.ngram_subject import NgramSubject

MEASUREMENTS: Mapping[type, Callable[[NgramSubject, Any], Measured]] = {ContextsConfig: measure_contexts}
"""Dict from the class of a measurement's settings to the function that measures."""
