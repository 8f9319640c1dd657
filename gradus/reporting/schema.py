"""What the report reads of files of metrics: which keys, of which types, within which bounds.

Keys that the report does not read may stand there too. Names are names and captions get no markup, so that text of a
stranger's file stays text.
"""

from pathlib import Path
from typing import Annotated, Any, Required

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from gradus.artifacts.json_files import read_json
from gradus.errors import InputError
from gradus.names import LONGEST, PATTERN
from gradus.params import validated

Number = Annotated[float, Field(strict=True, ge=-1e15, le=1e15, allow_inf_nan=False)]
Count = Annotated[float, Field(strict=True, ge=0, le=1e15, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, gt=0, le=1e15, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=f"^{PATTERN}$", max_length=LONGEST)]
Order = Annotated[str, Field(pattern="^[1-9][0-9]?$")]
Lengths = Annotated[str, Field(pattern=r"^[0-9]{1,6}(-[0-9]{1,6}|\+)$")]
"""Words of a source, such as `11-20` or `31+`."""
Caption = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ().,:;|+/@_-]{1,300}$")]
"""Text of a caption: no markup."""
Label = Annotated[str, Field(max_length=10_000_000)]


class Score(TypedDict, total=False):
    """A text scored by a model."""

    tokens: Count
    zero_tokens: Count
    perplexity: Positive
    nats_per_token: Number
    bits_per_char: Number


class Scores(TypedDict, total=False):
    """The same text by context."""

    line: Score
    stream: Score


class Written(TypedDict, total=False):
    """What a text is like."""

    repeated_4grams: Share
    distinct_2: Share
    grammatical_share: Share
    nats_per_token: Number


class Tokenizer(TypedDict, total=False):
    """The kind and the size of a tokenizer."""

    kind: Name
    size: Count


class Size(TypedDict, total=False):
    """Weights of a network, n-grams of an n-gram model."""

    parameters: Count
    entries: Count


class LanguageModel(TypedDict, total=False):
    """`metrics/lm/NAME.json`."""

    corpus: Label
    kind: Name
    tokenizer: Tokenizer
    floors: Scores
    model: Size
    test: Scores
    generation: dict[Name, Written]
    natural_text: Written


class AtOrder(TypedDict, total=False):
    """An n-gram model of one order."""

    entries: Required[Count]
    bytes: Required[Count]
    unseen_share: Required[Share]
    test: Score


class NgramModel(LanguageModel, total=False):
    """`metrics/lm/NAME.json` of a smoother."""

    orders: Required[Annotated[dict[Order, AtOrder], Field(min_length=1)]]


class OfLength(TypedDict, total=False):
    """Scores of the sources of some length."""

    bleu: Number


class Decoded(TypedDict, total=False):
    """Scores of the translations by one strategy."""

    bleu: Number
    bleu_lowercase: Number
    bleu_signature: Caption
    chrf: Number
    exact_match: Share
    token_accuracy: Share
    by_source_length: dict[Lengths, OfLength]


class Forced(Score, total=False):
    """Scores of the references."""

    token_accuracy: Share


class TranslationModel(TypedDict, total=False):
    """`metrics/mt/NAME.json`."""

    strategies: Required[Annotated[dict[Name, Decoded], Field(min_length=1)]]
    teacher_forced: Forced


class Epoch(TypedDict):
    """A row of a training's history."""

    step: Count
    valid_nats_per_token: Number
    gradient_norm_mean: Count


def _weights_have_buckets(fitted: Any) -> Any:
    if len(fitted.get("weights", ())) != len(fitted.get("least_count", ())):
        raise ValueError("as many weights as least counts")
    return fitted


class Fitted(TypedDict, total=False):
    """What a smoother fitted at one order."""

    k: Annotated[list[Number], Field(min_length=1)]
    weights: Annotated[list[Number], Field(min_length=1)]
    least_count: Annotated[list[Number], Field(min_length=1)]
    discounts: Annotated[list[Number], Field(max_length=1000)]


class Sentence(TypedDict):
    """A translation beside its source and its reference."""

    source: Label
    hypothesis: Label
    reference: Label


def _is_a_matrix(picture: Any) -> Any:
    rows = picture["weights"]
    if len(rows) != len(picture["tgt"]) or any(len(row) != len(picture["src"]) for row in rows):
        raise ValueError("a row of weights for each target piece, a weight for each source piece")
    return picture


class Picture(TypedDict):
    """Attention weights: a row per target piece, a column per source piece."""

    src: Annotated[list[Label], Field(min_length=1)]
    tgt: Annotated[list[Label], Field(min_length=1)]
    weights: list[list[Share]]


class Details(TypedDict, total=False):
    """`metrics/details/*/NAME.json`."""

    history: list[Epoch]
    texts: dict[Name, list[Label]]
    fitted: dict[Order, Annotated[Fitted, AfterValidator(_weights_have_buckets)]]
    translations: list[Sentence]
    attention: list[Annotated[Picture, AfterValidator(_is_a_matrix)]]


class Means(TypedDict, total=False):
    """Means over the seeds, by track and model."""

    lm: dict[Name, LanguageModel]
    mt: dict[Name, TranslationModel]


class DecodedDeviation(TypedDict, total=False):
    """Deviations of one strategy's scores."""

    bleu: Count
    bleu_lowercase: Count


class Deviation(TypedDict, total=False):
    """Deviations of one model's numbers."""

    test: dict[str, dict[str, Count]]
    strategies: dict[str, DecodedDeviation]
    teacher_forced: dict[str, Count]


class Recipe(TypedDict, total=False):
    """`metrics/recipes/NAME.json`."""

    seeds: Required[list[int]]
    mean: Means
    deviation: dict[str, dict[str, Deviation]]
    commits: list[Label]
    processors: list[Label]
    apart: dict[Label, list[int]]


def read_checked(path: Path, schema: Any) -> dict[str, Any]:
    """Read a JSON file and refuse it if what the report reads of it is not as the schema says.

    Raises:
        InputError: which names the file and the key.
    """
    values = read_json(path)
    try:
        validated(values, f"{path}: ", schema)
    except InputError as error:
        remedy = "run what writes this file again"
        raise InputError(error.where, expected=error.expected, found=error.found, remedy=remedy) from None
    return values
