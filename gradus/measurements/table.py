"""List the measurements of neural language models."""

from collections.abc import Callable, Mapping
from typing import Any

from gradus.measurements.file import Measured
from gradus.measurements.gradients import GradientsConfig, measure_gradients
from gradus.measurements.memory import MemoryConfig, measure_memory
from gradus.measurements.recall import RecallConfig, measure_recall
from gradus.measurements.state import StateConfig, measure_state
from gradus.measurements.subject import Subject
from gradus.measurements.training import TrainingMeasurementConfig, measure_training

MEASUREMENTS: Mapping[type, Callable[[Subject, Any], Measured]] = {
    MemoryConfig: measure_memory,
    StateConfig: measure_state,
    GradientsConfig: measure_gradients,
    RecallConfig: measure_recall,
    TrainingMeasurementConfig: measure_training,
}
"""Dict from the class of a measurement's settings to the function that measures."""
