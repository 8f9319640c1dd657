"""Measure how the gradient of a recurrent language model vanishes or explodes with the distance in time."""

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Annotated, Any, Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.errors import InputError
from gradus.interfaces.losses import cross_entropy
from gradus.layers.recurrence.config import RecurrentConfig
from gradus.measurements.file import Measured
from gradus.measurements.fresh import fresh_network
from gradus.measurements.subject import Subject
from gradus.memory import require_memory
from gradus.networks.language_models.recurrent import RecurrentLM
from gradus.params import STRICT
from gradus.runtime import free_memory
from gradus.text.streams import inputs_and_targets
from gradus.text.token_ids import read_ids

PARTS = ("", "cell_")
"""Parts of the state, as prefixes of keys: `h` first, then `c` if the model is an LSTM."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GradientsConfig:
    """Settings of the measurement `gradients`."""

    kind: Literal["gradients"]
    positions: Annotated[int, Field(ge=1, le=10**6)]
    """B, number of sequences. They begin at evenly spaced positions of the test text."""
    warmup: Annotated[int, Field(ge=1, le=10**6)]
    """Number of tokens that every sequence reads before the first state whose gradient is measured."""
    distance: Annotated[int, Field(ge=2, le=10**5)]
    """Largest distance T - t, in tokens."""
    fit: tuple[Annotated[int, Field(ge=1, le=10**5)], Annotated[int, Field(ge=2, le=10**5)]]
    """First and last distance of the range over which the factor per token is fitted."""

    def __post_init__(self) -> None:
        if not self.fit[0] < self.fit[1] <= self.distance:
            raise ValueError("fit: two rising distances, the second at most `distance`")


def measure_gradients(subject: Subject, config: GradientsConfig) -> Measured:
    """Measure `dL_T/dh_t` of a model before its training (`initial`) and after it (`trained`); see `gradients`.

    Raises:
        InputError: if the model is not recurrent, if the test text is too short, or if memory does not suffice.
    """
    network = subject.model.description.network
    if not isinstance(network, RecurrentConfig):
        raise InputError(
            subject.model.path,
            expected="a recurrent language model, for the measurement `gradients`",
            found=subject.model.kind,
            remedy="measure recurrent models only",
        )
    device = torch.device(subject.runtime.device)
    size = subject.model.vocabulary_size
    models = {
        "initial": fresh_network(network, size, seed=subject.runtime.seed, device=device),
        "trained": subject.model.model(device),
    }
    return gradients(cast(dict[str, RecurrentLM], models), read_ids(subject.tokens, "test"), config)


def even_sequences(ids: NDArray[Any], config: GradientsConfig) -> tuple[Tensor, Tensor]:
    """Cut sequences of equal length from a text, at evenly spaced positions.

    Returns:
        First, the inputs, int64 (B, warmup + distance). Second, the token after the last input of each sequence,
        int64 (B,).
    Raises:
        InputError: if the text has fewer than B positions for a sequence.
    """
    length = config.warmup + config.distance
    starts = len(ids) - length + 1
    if starts < config.positions:
        raise InputError(
            "positions",
            expected=f"at most {max(starts, 0)}, the number of sequences of {length} tokens in the test text",
            found=str(config.positions),
            remedy="lower positions, warmup or distance",
        )
    inputs, targets = inputs_and_targets(ids)
    first = np.linspace(0, starts - 1, config.positions).round().astype(np.int64)
    places = first[:, None] + np.arange(length)  # (B, warmup + distance)
    return torch.from_numpy(inputs[places]), torch.from_numpy(targets[places[:, -1]])


def state_gradients(model: RecurrentLM, inputs: Tensor, targets: Tensor, distance: int) -> list[Tensor]:
    """Compute the norm of `dL_T/dh_t` for every sequence and distance.

        L_T = -ln P(w_{T+1} | w_1 .. w_T)

    The loss `L_T` is that of one token. The state `h_t` is that of all layers, concatenated. The derivatives are those
    of the function that maps the state at t to the loss: with an LSTM, `dL_T/dh_t` is for a fixed `c_t`, and
    `dL_T/dc_t` is for a fixed `h_t`. At distance 0, `dL_T/dh_T` is the gradient of the features that the output layer
    reads, which are `h_T` of the top layer, plus its inputs if the connections are residual. The loss does not read
    `c_T`, so the distances of `c` begin at 1.

    Args:
        model: a recurrent language model in evaluation mode.
        inputs: int64 (B, n), with n greater than `distance`. The tokens before the last `distance` only warm up the
            state.
        targets: the tokens `w_{T+1}`, int64 (B,).
        distance: D, largest T - t.
    Returns:
        For h, norms (D + 1, B), from distance 0 to D. For an LSTM, then for c, norms (D, B), from distance 1 to D.
    """
    with torch.no_grad():
        _, state = model(inputs[:, :-distance], model.initial_state(len(inputs)))
    states = [tuple(part.detach().requires_grad_() for part in state)]
    # cuDNN has no gradients in evaluation mode; without it, torch uses its own kernels.
    with torch.backends.cudnn.flags(enabled=False):
        for tokens in inputs[:, -distance:, None].unbind(dim=1):  # each (B, 1)
            features, state = model.advance(tokens, states[-1])
            states.append(state)
    # Rows do not depend on each other, so the gradient of the sum has the gradients of all rows.
    loss = cross_entropy(model.output(features), targets[:, None])
    by_distance = states[-2::-1]  # t = T - 1, .., T - D
    parts = len(by_distance[0])
    gradients = torch.autograd.grad(loss, [features, *[part for state in by_distance for part in state]])
    norms = [gradient.flatten(1).norm(dim=1) for gradient in gradients]
    hidden = torch.stack([norms[0], *norms[1::parts]])
    return [hidden, *[torch.stack(norms[1 + part :: parts]) for part in range(1, parts)]]


def geometric_ratios(norms: Tensor) -> list[float]:
    """Return the geometric mean over sequences of `norm(d) / norm(first)`, for each distance d.

    The mean is geometric because a norm is a product of one factor per token: the mean logarithm is a sum over tokens,
    so its slope is the mean growth per token, and a few sequences with large gradients do not decide it. The ratio does
    not depend on how hard the predicted token is. If a gradient is exactly zero, the mean is zero.

    Args:
        norms: (distances, B). Sequences whose first norm is zero have no ratio and are left out.
    """
    norms = norms[:, norms[0] > 0]
    if norms.shape[1] == 0:
        return [0.0] * len(norms)
    ratios: list[float] = (norms.log() - norms[0].log()).mean(dim=1).exp().tolist()
    return ratios


def fitted_rate(ratios: Sequence[float], distances: Sequence[int], fit: tuple[int, int]) -> float:
    """Return the factor by which the norm changes per token: `exp` of the slope of ln ratio against the distance.

    The slope is that of least squares over the distances in `fit`. Distances whose ratio is zero are left out. With
    fewer than two others, the gradient has vanished, and the result is 0.
    """
    inside = [(d, ratio) for d, ratio in zip(distances, ratios, strict=True) if fit[0] <= d <= fit[1]]
    points = [(d, math.log(ratio)) for d, ratio in inside if ratio > 0]
    if len(points) < 2:
        return 0.0
    x, y = np.array(points).T
    return math.exp(float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()))


def gradients(models: Mapping[str, RecurrentLM], ids: NDArray[Any], config: GradientsConfig) -> Measured:
    """Measure the norms of `dL_T/dh_t` by the distance T - t; see `state_gradients`.

    The networks compute in float64, because in float32 small gradients would become zero.

    Args:
        models: dict from a prefix, such as `initial`, to a recurrent language model.
        ids: token ids of the test text.
        config: sequences, distances and the range of the fit.
    Returns:
        `distances`, from 0 to D, and for each prefix:

        - `PREFIX_norms`: mean norm over the sequences, by distance.
        - `PREFIX_ratios`: see `geometric_ratios`.
        - `PREFIX_rate`: factor per token; see `fitted_rate`.
        - `PREFIX_kept`: ratio at distance D.

        For an LSTM, `PREFIX_cell_norms` and so on are those of `c`, for the distances from 1 to D.
    Raises:
        InputError: if the text is too short, or the states do not fit into memory.
    """
    inputs, targets = even_sequences(ids, config)
    measured: Measured = {"distances": [*range(config.distance + 1)]}
    for prefix, model in models.items():
        _require_memory(model, config)
        device = next(model.parameters()).device
        exact = deepcopy(model).double().eval()
        norms = state_gradients(exact, inputs.to(device), targets.to(device), config.distance)
        for part, values in zip(PARTS, norms, strict=False):
            distances = range(config.distance + 1 - len(values), config.distance + 1)
            ratios = geometric_ratios(values)
            key = f"{prefix}_{part}"
            measured[f"{key}norms"] = cast(list[float], values.mean(dim=1).tolist())
            measured[f"{key}ratios"] = ratios
            measured[f"{key}rate"] = fitted_rate(ratios, distances, config.fit)
            measured[f"{key}kept"] = ratios[-1]
    return measured


def _require_memory(model: RecurrentLM, config: GradientsConfig) -> None:
    """Refuse sequences whose states, 8 bytes per number, do not fit into memory."""
    width = model.config.layers * model.config.hidden * model.config.cell.states
    sizes = {"positions": config.positions, "distance": config.distance}
    require_memory(sizes, lambda *smaller: 8 * width * math.prod(smaller), free_memory(next(model.parameters()).device))
