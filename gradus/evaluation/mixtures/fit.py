"""Fit the weights of a mixture of language models on the validation text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.errors import InputError, RunError
from gradus.evaluation.mixtures.scores import Floats, contexts_of, linear_nats, model_nats
from gradus.evaluation.mixtures.setup import Setup
from gradus.families.components import Component
from gradus.families.ngrams import NgramFolder
from gradus.mixtures.config import MixtureConfig
from gradus.ngram.smoothing.mixture_weights import Stop, fit_weights, one_bucket
from gradus.results.score import Context
from gradus.text.token_ids import line_starts


@dataclass(frozen=True)
class Fit:
    """Fitted weights of one context."""

    weights: list[float]
    """Weights of the models, in the order of the models."""
    nats_per_token: float
    """Loss of the mixture on the validation text."""


def fit_mixture(
    config: MixtureConfig, models: Mapping[str, Component], ids: NDArray[Any], setup: Setup
) -> dict[Context, Fit]:
    """Fit the weights that give the validation text the highest probability, in each context of the models.

    Args:
        config: section `interpolate.NAME` of params.yaml.
        models: dict from the name of each model to its opened folder, in the order of `config.models`.
        ids: token ids of the validation text, EOS after every line, shape (n_tokens,).
        setup: settings of networks.
    Raises:
        InputError: if the scores of a model are not probabilities.
        RunError: if the mixture gives a token of the text probability zero, whatever the weights are.
    """
    for name, model in models.items():
        if isinstance(model, NgramFolder) and not model.model().is_distribution:
            found = f"{name} ({model.kind}), whose scores do not sum to one"
            where, remedy = "params.yaml: interpolate", "choose another model"
            raise InputError(where, expected="models whose scores are probabilities", found=found, remedy=remedy)
    fit = _fit_linear if config.kind == "linear" else _fit_log_linear
    parts = list(models.values())
    return {context: fit(config, parts, ids, context, setup) for context in contexts_of(parts)}


def _fit_linear(
    config: MixtureConfig, models: Sequence[Component], ids: NDArray[Any], context: Context, setup: Setup
) -> Fit:
    nats = [model_nats(model, ids, context, setup) for model in models]
    weights = linear_weights([np.exp(-part) for part in nats], Stop(config.tolerance, config.iterations))
    return Fit(weights, float(linear_nats(nats, weights).mean()))


def linear_weights(probs: Sequence[Floats], stop: Stop) -> list[float]:
    """Return the weights of a linear mixture with the highest probability of a text, by EM.

    EM chooses between the last model and the mixture of the others, then between the last but one and the rest, and so
    on. The weight of a model is the product of these choices.

    Args:
        probs: probability of every token under each of the models, each (n_tokens,).
        stop: when EM stops.
    Raises:
        RunError: if all models give a token probability zero.
    """
    if not np.all(np.maximum.reduce(list(probs)) > 0):
        raise RunError(
            "all models of the mixture give a token of the validation text probability zero; add a model without zeros"
        )
    first, *others = probs
    chosen = [float(share[0]) for share in fit_weights([one_bucket(part) for part in others], first, stop, added=0.0)]
    weights, left = [], 1.0
    for share in reversed(chosen):
        weights.append(left * share)
        left *= 1 - share
    return [left, *reversed(weights)]


def _fit_log_linear(
    config: MixtureConfig, models: Sequence[Component], ids: NDArray[Any], context: Context, setup: Setup
) -> Fit:
    # imported here, because a linear mixture of n-gram models needs no torch
    import torch

    from gradus.evaluation.mixtures.distributions import all_log_probs
    from gradus.mixtures.log_linear import fit_log_linear

    def pieces(text: NDArray[Any]) -> Iterator[tuple[list[torch.Tensor], torch.Tensor]]:
        for parts, places in all_log_probs(models, text, context, setup):
            yield parts, torch.from_numpy(np.asarray(text[places], dtype=np.int64)).to(setup.device)

    # every pass computes all distributions, so a small part of the text brings the weights near the optimum first
    weights, nats = [1 / len(models)] * len(models), 0.0
    for text in (ids[: _beginning(ids)], ids):
        weights, nats = fit_log_linear(partial(pieces, text), weights, config.tolerance, config.iterations)
    return Fit(weights, nats / len(ids))


def _beginning(ids: NDArray[Any]) -> int:
    """Return the number of tokens in the first tenth of the lines, at least one line."""
    starts = line_starts(ids)
    return int(starts[max(1, (len(starts) - 1) // 10)])
