"""All recurrent cells: a tuple of their configuration classes, and a dict from the names of cells to these classes."""

from collections.abc import Mapping

from gradus.choices import kind_of
from gradus.layers.recurrence.config import RecurrentConfig
from gradus.layers.recurrence.gru import GRUConfig
from gradus.layers.recurrence.lstm import LSTMConfig
from gradus.layers.recurrence.min_gru import MinGRUConfig
from gradus.layers.recurrence.rnn import RNNConfig

RECURRENCES: tuple[type[RecurrentConfig], ...] = (RNNConfig, GRUConfig, LSTMConfig, MinGRUConfig)
"""Configuration classes of all recurrent language models, one class for each cell."""

CELLS: Mapping[str, type[RecurrentConfig]] = {kind_of(config): config for config in RECURRENCES}
"""Dict from the name of a cell, such as `gru`, to its configuration class.

The settings of an encoder-decoder contain only the name of the cell, so the cell has its default options.
"""
