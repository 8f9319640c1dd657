"""Score a text with a mixture of language models: compute the negative log-probability of every token."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.evaluation.mixtures.ngrams import ngram_nats
from gradus.evaluation.mixtures.setup import Setup
from gradus.families.components import Component
from gradus.families.mixtures import MixtureFolder, has_network
from gradus.families.networks import NeuralFolder
from gradus.families.ngrams import NgramFolder
from gradus.results.score import CONTEXTS, Context

Floats = NDArray[np.float64]


def contexts_of(models: Sequence[Component]) -> tuple[Context, ...]:
    """Return the contexts in which a mixture can be evaluated; n-gram models alone only read single lines."""
    return CONTEXTS if has_network(models) else ("line",)


def mixture_nats(mixture: MixtureFolder, ids: NDArray[Any], context: Context, setup: Setup | None) -> Floats:
    """Score a text with a mixture, with the weights of a context.

    Networks read the text of the context; n-gram models read every line alone, in both contexts.

    Args:
        mixture: the opened mixture.
        ids: token ids of the text, EOS after every line, shape (n_tokens,).
        context: `line` or `stream`.
        setup: settings of networks and of log-linear mixtures; None only for a linear mixture of n-gram models.
    Returns:
        Negative log-probability of every token, nats, shape (n_tokens,); infinite if the probability is zero.
    """
    weights = mixture.description.weights[context]
    if mixture.description.kind == "linear":
        return linear_nats([model_nats(model, ids, context, setup) for model in mixture.models], weights)
    return _log_linear_nats(mixture.models, weights, ids, context, _required(setup))


def linear_nats(nats: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return -ln of the weighted mean of probabilities, at every token.

    Args:
        nats: negative log-probability of every token under each of the models, nats, each (n_tokens,).
        weights: weight of each model.
    """
    logs = [np.log(weight) - part for part, weight in zip(nats, weights, strict=True) if weight > 0]
    return np.asarray(-np.logaddexp.reduce(logs))


def model_nats(model: Component, ids: NDArray[Any], context: Context, setup: Setup | None) -> Floats:
    """Score a text with one model of a mixture; the arguments and the result are those of `mixture_nats`."""
    if isinstance(model, NgramFolder):
        return ngram_nats(model.model(), ids)
    return _network_nats(model, ids, context, _required(setup))


def _network_nats(model: NeuralFolder, ids: NDArray[Any], context: Context, setup: Setup) -> Floats:
    from gradus.evaluation.neural import line_nats, stream_nats

    score = line_nats if context == "line" else stream_nats
    return score(model.model(setup.device), ids, setup.scoring)


def _log_linear_nats(
    models: Sequence[Component], weights: Sequence[float], ids: NDArray[Any], context: Context, setup: Setup
) -> Floats:
    import torch

    from gradus.evaluation.mixtures.distributions import all_log_probs
    from gradus.mixtures.combine import combined

    shares, nats = torch.tensor(weights, device=setup.device), np.empty(len(ids))
    for parts, places in all_log_probs(models, ids, context, setup):
        targets = torch.from_numpy(np.asarray(ids[places], dtype=np.int64)).to(setup.device)
        nats[places] = -combined("log_linear", parts, shares).gather(1, targets[:, None])[:, 0].double().cpu().numpy()
    return nats


def _required(setup: Setup | None) -> Setup:
    if setup is None:
        raise ValueError("expected settings, because the mixture has a network or is log-linear")
    return setup
