"""All measurements of language models, by the class of their settings."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from gradus.choices import OneOf
from gradus.measurements.gradients import GradientsConfig, measure_gradients
from gradus.measurements.measured import Measured
from gradus.measurements.memory import MemoryConfig, measure_memory
from gradus.measurements.recall import RecallConfig, measure_recall
from gradus.measurements.state import StateConfig, measure_state
from gradus.measurements.subject import Subject
from gradus.measurements.training import TrainingMeasurementConfig, measure_training

MEASUREMENTS: Mapping[type, Callable[[Subject, Any], Measured]] = {
    GradientsConfig: measure_gradients,
    MemoryConfig: measure_memory,
    RecallConfig: measure_recall,
    StateConfig: measure_state,
    TrainingMeasurementConfig: measure_training,
}
"""Dict from the settings of a measurement of a neural language model to its function."""

AnyMeasurement = Annotated[object, OneOf(tuple(MEASUREMENTS))]
"""Type of the settings under `measure_lm.NAME` in params.yaml."""
