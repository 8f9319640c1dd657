"""Networks of the benchmark of language models, and the arithmetic of their training."""

import statistics
import time
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from benchmarks.lm_peer import Shape
from gradus.interfaces.language_model import LanguageModel
from gradus.layers.blocks import SelfAttention

RECURRENT = {"layers": 2, "tied": True, "initial": "uniform", "skip": "none"}
ADAM = {"optimizer": "adamw", "learning_rate": 0.001}
PRECISIONS = ("float32", "bfloat16")


def example_network(shape: Shape, precision: str) -> dict[str, Any]:
    """Return the entry of `train_lm` with the network and the training of PyTorch's example."""
    network = {"kind": "lstm", "embedding": shape.hidden, "hidden": shape.hidden, "dropout": 0.2, **RECURRENT}
    return {"network": network, "training": training(shape, precision)}


def families(shape: Shape) -> dict[str, Any]:
    """Return one entry of `train_lm` per kind of network, all with two layers of the same width, and per precision."""
    width = shape.hidden
    recurrent = {"embedding": width, "hidden": width, "dropout": 0.0, **RECURRENT}
    heads = {"heads": 4, "layers": 2, "feedforward": 4 * width, "positions": "sinusoidal", "window": 64}
    networks: Mapping[str, dict[str, Any]] = {
        "ffnn": {"kind": "ffnn", "window": 4, "embedding": width, "hidden": width, "dropout": 0.0, "tied": True},
        "rnn": {"kind": "rnn", "nonlinearity": "tanh", **recurrent},
        "gru": {"kind": "gru", "reset": "after", **recurrent},
        "lstm": {"kind": "lstm", **recurrent},
        "min_gru": {"kind": "min_gru", **recurrent},
        "transformer": {"kind": "transformer", "width": width, **heads, "dropout": 0.0, "tied": True},
    }
    return {
        f"{name}_{precision}": {
            "network": network,
            "training": training(shape, precision, **ADAM, carry_state=name != "transformer"),
        }
        for precision in PRECISIONS
        for name, network in networks.items()
    }


def training(shape: Shape, precision: str, **changes: Any) -> dict[str, Any]:
    """Return the training settings of the example: SGD with rate 20, divided by 4 after an epoch without gain."""
    steps = {
        "batch": shape.batch,
        "chunk": shape.chunk,
        "carry_state": True,
        "chunk_jitter": 0.0,
        "penalties": {"activation": 0.0, "temporal": 0.0},
        "read": "stream",
    }
    rates = {"optimizer": "sgd", "learning_rate": 20.0, "weight_decay": 0.0, "schedule": "plateau", "warmup_steps": 0}
    limits = {"clip_by": "norm", "clip": 0.25, "precision": precision, "average": "none", "epochs": 1, "patience": 1}
    return {**steps, **rates, **limits, **changes}


def training_flops(model: LanguageModel, chunk: int) -> int:
    """Return the number of floating-point operations per token of a training step, in matrix products only.

    A product with a matrix of n numbers takes 2 n operations per token in the forward pass, and twice as many in the
    backward pass. Causal attention over T positions reads T / 2 keys and values on average.
    """
    # An embedding is looked up, so its matrix counts only if the output layer shares it.
    embeddings = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    looked_up = embeddings - {id(weight) for weight in model.output.parameters()}
    products = sum(weight.numel() for weight in model.parameters() if weight.dim() == 2 and id(weight) not in looked_up)
    widths = [part.out.in_features for part in model.modules() if isinstance(part, SelfAttention)]
    attention = sum(2 * width * chunk // 2 for width in widths)  # scores, and sums of values
    return 6 * (products + attention)


def product_rate(dtype: torch.dtype, size: int = 2048, runs: int = 5) -> float:
    """Return the median speed of a product of two square matrices, in floating-point operations per second."""
    a, b = (torch.randn(size, size).to(dtype) for _ in range(2))
    out, seconds = torch.empty_like(a), []
    torch.mm(a, b, out=out)
    for _ in range(runs):
        start = time.perf_counter()
        torch.mm(a, b, out=out)
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / statistics.median(seconds)
