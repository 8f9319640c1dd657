"""Small made-up results with every key that is not optional."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gradus.device import Device
from gradus.results.details import HistoryRow, LanguageModelDetails, TranslationDetails
from gradus.results.language_model import (
    AdaptedNetwork,
    AdaptedResult,
    Generation,
    MixtureModels,
    MixtureResult,
    NaturalText,
    NetworkResult,
    NetworkSize,
    NgramOrder,
    NgramResult,
    NgramSize,
)
from gradus.results.score import Context, Score
from gradus.results.subject import Devices, LanguageModelText, TokenizerFacts, TranslationText
from gradus.results.translation import SourceLengthScores, StrategyScores, TeacherForcedScore, TranslationResult

ZERO = Score(tokens=100, zero_tokens=7)
"""Score of a text with tokens of probability zero."""
TOKENIZER = TokenizerFacts(kind="word", size=50, sha256="tokenizer")
TEXT = LanguageModelText(
    lines=10, tokens=100, characters=500, unk=0, oov_rate=0.0, sha256="text", lines_seen_in_training=0
)


def score(perplexity: float, **more: float) -> Score:
    values: dict[str, Any] = {"perplexity": perplexity, "bits_per_char": 1.5} | more
    return Score(tokens=100, zero_tokens=0, **values)


def generation(repeated: float, distinct: float, grammatical: float, nats: float) -> Generation:
    return Generation(
        texts=1,
        tokens=40,
        nats_per_token=nats,
        distinct_1=0.5,
        distinct_2=distinct,
        distinct_3=0.5,
        distinct_4=1.0 - repeated,
        repeated_4grams=repeated,
        lines=2,
        grammatical_share=grammatical,
    )


def _common(test: Mapping[Context, Score]) -> dict[str, Any]:
    return {
        "corpus": "builtin",
        "tokenizer": TOKENIZER,
        "text": TEXT,
        "floors": {"line": score(10.0), "stream": score(8.0)},
        "valid": dict(test),
        "test": dict(test),
        "generation": {"greedy": generation(0.9, 0.1, 1.0, 0.5), "nucleus": generation(0.02, 0.8, 0.5, 2.0)},
        "natural_text": NaturalText(repeated_4grams=0.01, distinct_2=0.9),
    }


def network(test: Mapping[Context, Score], parameters: int = 4321) -> NetworkResult:
    return NetworkResult(kind="lstm", model=NetworkSize(parameters=parameters), **_common(test))


def mixture(test: Mapping[Context, Score], kind: str = "linear") -> MixtureResult:
    weights = {context: [0.75, 0.25] for context in test}
    models = MixtureModels(models=["lstm", "modified_kneser_ney"], weights=weights)
    return MixtureResult(kind=kind, model=models, **_common(test))


def adapted(test: Mapping[Context, Score], kind: str = "cache") -> AdaptedResult:
    settings = {"weight": 0.1, "theta": 1.0, "window": 500.0}
    model = AdaptedNetwork(network="lstm", kind="lstm", parameters=4321, settings=settings)
    device = Device(kind="cpu", name="portable kernels")
    facts = {key: value for key, value in _common(test).items() if key not in ("generation", "natural_text")}
    return AdaptedResult(kind=kind, model=model, device=Devices(training=device, scoring=device), **facts)


def ngram_order(test: Score, unseen_share: float = 0.0, entries: int = 10, size: int = 100) -> NgramOrder:
    return NgramOrder(entries=entries, bytes=size, unseen_share=unseen_share, valid=test, test=test)


def ngrams(orders: Mapping[str, NgramOrder], kind: str = "modified_kneser_ney") -> NgramResult:
    highest = max(orders, key=int)
    return NgramResult(
        kind=kind,
        model=NgramSize(order=int(highest), entries=1234, bytes=orders[highest].bytes),
        orders=dict(orders),
        **_common({"line": orders[highest].test}),
    )


def strategy(bleu: float, by_length: Mapping[str, float] | None = None) -> StrategyScores:
    return StrategyScores(
        bleu=bleu,
        bleu_signature="s",
        bleu_lowercase=bleu,
        bleu_lowercase_signature="s",
        chrf=50.0,
        chrf_signature="s",
        exact_match=0.1,
        length_ratio=1.0,
        token_accuracy=0.5,
        nats_per_token=1.0,
        by_source_length={name: SourceLengthScores(pairs=100, bleu=value) for name, value in (by_length or {}).items()},
    )


def translator(strategies: Mapping[str, StrategyScores]) -> TranslationResult:
    return TranslationResult(
        corpus="builtin",
        src="en",
        tgt="de",
        tokenizer=TOKENIZER,
        text=TranslationText(pairs=10, sha256="text", pairs_seen_in_training=0, sources_seen_in_training=0),
        model=NetworkSize(parameters=99),
        teacher_forced=TeacherForcedScore(tokens=100, zero_tokens=0, perplexity=2.0, token_accuracy=0.8),
        strategies=dict(strategies),
    )


def _row(step: int) -> HistoryRow:
    return HistoryRow(
        epoch=step,
        step=step,
        train_nats_per_token=5.0 / step,
        valid_nats_per_token=4.0 / step,
        learning_rate=0.01,
        gradient_norm_mean=1.0,
        gradient_norm_max=2.0,
        clipped_norm_mean=0.75,
        clipped_share=0.5,
    )


HISTORY = [_row(1), _row(2)]
NO_LM_DETAILS = LanguageModelDetails(texts={}, history=[], fitted={})
NO_MT_DETAILS = TranslationDetails(translations=[], attention=[], history=[])


def with_test(result: NetworkResult, **scores: Score) -> NetworkResult:
    """Return a result with other scores of the test text, by context."""
    test: Any = {**result.test, **scores}
    return replace(result, test=test)
