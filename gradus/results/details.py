"""Types of the files metrics/details/lm/NAME.json and metrics/details/mt/NAME.json.

The files contain samples, training history, fitted parameters and attention weights of a model.
"""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from gradus.results.fields import RESULT, Label, Loss, Name, Norm, Number, Order, Rate, Share, Step


@dataclass(frozen=True, kw_only=True, config=RESULT)
class HistoryRow:
    """Measurements of one training epoch. The keys are the columns of history.csv."""

    epoch: Step
    """Number of finished epochs, this epoch included."""
    step: Step
    """Number of optimizer steps since the start of training."""
    train_nats_per_token: Loss
    """Mean loss on the training text during the epoch, with dropout and label smoothing."""
    valid_nats_per_token: Loss
    """Mean loss on the validation text after the epoch."""
    learning_rate: Rate
    """Learning rate of the last step of the epoch."""
    gradient_norm_mean: Norm
    """Norm of the gradient of all weights before clipping, averaged over the steps of the epoch."""
    gradient_norm_max: Norm
    """Largest norm of the gradient of all weights before clipping in this epoch."""
    clipped_norm_mean: Norm
    """Norm of the gradient of all weights after clipping, averaged over the steps of the epoch."""
    clipped_share: Share
    """Number of steps whose gradient was clipped, divided by the number of all steps of the epoch."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Fitted:
    """Parameters that a smoother fitted for the n-grams of one order. Parameters that the smoother does not have are
    absent."""

    # A list even for a single number, because smoothers store all their parameters as lists.
    k: Annotated[list[Number], Field(min_length=1, max_length=1)] | None = None
    """Additive smoothing: the number that is added to every count."""
    weights: Annotated[list[Number], Field(min_length=1)] | None = None
    """Jelinek-Mercer smoothing: interpolation weights of this order's relative frequencies. A history is the tokens
    before the last token of an n-gram. Histories with similar counts form a bucket; the list has one weight per
    bucket."""
    least_count: Annotated[list[Number], Field(min_length=1)] | None = None
    """Jelinek-Mercer smoothing: one number per weight in `weights`. A weight applies to all histories whose count
    is at least this number and less than the next number."""
    discounts: Annotated[list[Number], Field(max_length=1000)] | None = None
    """Katz smoothing: the factors by which the counts 1, 2, and so on are multiplied. Absolute discounting and
    Kneser-Ney smoothing: the numbers that are subtracted from the counts 1, 2, and so on. The last of these numbers is
    also subtracted from all larger counts."""


def _require_weight_per_bucket(fitted: Fitted) -> Fitted:
    # The report finds the weight of a count by its bucket, so every bucket must have a weight.
    if len(fitted.weights or ()) != len(fitted.least_count or ()):
        raise ValueError("the lists `weights` and `least_count`, with the same number of elements")
    return fitted


FittedByOrder = dict[Order, Annotated[Fitted, AfterValidator(_require_weight_per_bucket)]]


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TranslatedSentence:
    """One test sentence, its translation by the model, and its reference translation."""

    source: Label
    """Source sentence."""
    hypothesis: Label
    """Translation that the model wrote."""
    reference: Label
    """Reference translation from the corpus."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class Attention:
    """Attention weights of one translated sentence."""

    src: Annotated[list[Label], Field(min_length=1)]
    """Pieces of the source sentence."""
    tgt: Annotated[list[Label], Field(min_length=1)]
    """Pieces of the translation that the model wrote."""
    weights: list[list[Share]]
    """Attention weights: one row per target piece, and in each row one weight per source piece."""


def _require_matrix(attention: Attention) -> Attention:
    # The shape is checked here, because an error from the plot would not name the file.
    columns = len(attention.src)
    if len(attention.weights) != len(attention.tgt) or any(len(row) != columns for row in attention.weights):
        raise ValueError("one row of weights for each target piece, with one weight for each source piece")
    return attention


@dataclass(frozen=True, kw_only=True, config=RESULT)
class ScoredLine:
    """One line of the test text, and the probability of each of its tokens."""

    pieces: Annotated[list[Label], Field(min_length=1)]
    """Pieces of the line, including the end-of-sentence piece; a long line is cut."""
    probabilities: list[Share]
    """Probability of each piece, given the pieces before it in this line."""


def _require_probabilities(line: ScoredLine) -> ScoredLine:
    if len(line.pieces) != len(line.probabilities):
        raise ValueError("one probability for each piece")
    return line


AttentionMatrices = list[Annotated[Attention, AfterValidator(_require_matrix)]]


@dataclass(frozen=True, kw_only=True, config=RESULT)
class LanguageModelDetails:
    """Samples, training history and fitted parameters of a language model."""

    texts: dict[Name, list[Label]]
    """First generated texts of each decoding strategy; the keys are names of strategies."""
    examples: list[Annotated[ScoredLine, AfterValidator(_require_probabilities)]] = Field(default_factory=list)
    """First lines of median length of the test text, under the n-gram model of the highest order, the network or the
    mixture. Empty if the scores of the model are not probabilities."""
    history: list[HistoryRow]
    """Training history, one row per epoch; empty for n-gram models and mixtures."""
    fitted: FittedByOrder
    """Parameters that the smoother fitted for its n-gram model of the highest order. Each key is an order of n-grams,
    from 1 to the highest order; its value contains the parameters for n-grams of this order. Empty for neural
    models and mixtures."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class TranslationDetails:
    """Samples, attention weights and training history of a translation model."""

    translations: list[TranslatedSentence]
    """First sentences of the test text, translated with the decoding strategy whose name is first in the alphabet."""
    attention: AttentionMatrices
    """Attention weights of some test sentences of median length; empty for a model without attention."""
    history: list[HistoryRow]
    """Training history, one row per epoch."""
