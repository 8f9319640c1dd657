"""Results other than scores: metrics/details/lm/NAME.json and metrics/details/mt/NAME.json."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, Label, Loss, Name, Norm, Number, Order, Rate, Share, Step


@dataclass(frozen=True, kw_only=True, config=RESULT)
class HistoryRow:
    """One epoch of a training run; the columns of history.csv."""

    epoch: Step
    """Epochs so far."""
    step: Step
    """Optimizer steps so far."""
    train_nats_per_token: Loss
    """Mean training loss of the epoch."""
    valid_nats_per_token: Loss
    """Validation loss after the epoch."""
    learning_rate: Rate
    """Learning rate of the last step."""
    gradient_norm_mean: Norm
    """Mean gradient norm of the epoch, before clipping."""
    gradient_norm_max: Norm
    """Largest gradient norm of the epoch, before clipping."""
    clipped_share: Share
    """Steps whose gradient was clipped, divided by all steps of the epoch."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Fitted:
    """Parameters that a smoother fitted at one order; a smoother has the keys of its own kind only."""

    k: Annotated[list[Number], Field(min_length=1, max_length=1)] | None = None
    """Count that additive smoothing adds to every type."""
    weights: Annotated[list[Number], Field(min_length=1)] | None = None
    """Weight of this order's relative frequencies, by bucket of history counts."""
    least_count: Annotated[list[Number], Field(min_length=1)] | None = None
    """Least history count of each bucket."""
    discounts: Annotated[list[Number], Field(max_length=1000)] | None = None
    """Discount of counts 1, 2, ...; for Katz smoothing the factor of counts 1, 2, ..."""


def _require_weight_per_bucket(fitted: Fitted) -> Fitted:
    if len(fitted.weights or ()) != len(fitted.least_count or ()):
        raise ValueError("as many weights as least counts")
    return fitted


FittedByOrder = dict[Order, Annotated[Fitted, AfterValidator(_require_weight_per_bucket)]]


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TranslatedSentence:
    """A translation with its source and its reference."""

    source: Label
    """Source sentence."""
    hypothesis: Label
    """Translation by the model."""
    reference: Label
    """Translation in the corpus."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Attention:
    """Attention weights of one translation."""

    src: Annotated[list[Label], Field(min_length=1)]
    """Source pieces."""
    tgt: Annotated[list[Label], Field(min_length=1)]
    """Target pieces."""
    weights: list[list[Share]]
    """One row per target piece, one weight per source piece."""


def _require_matrix(attention: Attention) -> Attention:
    columns = len(attention.src)
    if len(attention.weights) != len(attention.tgt) or any(len(row) != columns for row in attention.weights):
        raise ValueError("a row of weights for each target piece, a weight for each source piece")
    return attention


AttentionMatrices = list[Annotated[Attention, AfterValidator(_require_matrix)]]


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LanguageModelDetails:
    """Samples, training history and fitted parameters of a language model."""

    texts: dict[Name, list[Label]]
    """First generated texts, by decoding strategy."""
    history: list[HistoryRow]
    """Training history; empty for n-grams."""
    fitted: FittedByOrder
    """Fitted parameters of the model of the highest order, by order of the n-grams; empty for networks."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TranslationDetails:
    """Samples, attention weights and training history of a translation model."""

    translations: list[TranslatedSentence]
    """First test sentences."""
    attention: AttentionMatrices
    """Attention weights of some test sentences; empty for a model without attention."""
    history: list[HistoryRow]
    """Training history."""
