"""Narrow models for pipelines at a tiny size."""

from collections.abc import Mapping
from typing import Any

SIZES = {"embedding": 8, "hidden": 8, "width": 8, "heads": 2, "feedforward": 16}


def narrow_models(models: Mapping[str, Mapping[str, Any]], *, epochs: int = 1) -> dict[str, Any]:
    """Return entries of `train_lm` and `train_mt`, by section and name, with small networks and few epochs."""
    return {
        section: {
            name: {
                "network": {key: SIZES.get(key, value) for key, value in item["network"].items()},
                "training": {**item["training"], "epochs": epochs},
            }
            for name, item in items.items()
        }
        for section, items in models.items()
    }
