"""Devices behind the results of a network."""

from collections.abc import Mapping
from typing import Any

import torch

from gradus.results.subject import Device, Devices
from gradus.runtime import name_device


def devices_of(training: Mapping[str, Any], scoring: torch.device) -> Devices:
    """Return the devices of a network.

    Args:
        training: kind and name of the device that trained it, from the model's folder.
        scoring: the device that scores it.
    """
    # A type of its own, because gradus.runtime imports torch and readers of results must not.
    here = name_device(scoring)
    return Devices(training=Device(**training), scoring=Device(kind=here.kind, name=here.name))
