"""Translate source token ids with a translation model and every decoding strategy of params.yaml."""

from collections.abc import Iterator
from typing import Annotated, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.decoding.records import Record, StrategyTexts
from gradus.decoding.strategies import AnyStrategy
from gradus.families.translation_models import OpenTranslator
from gradus.inference.sentences import Sentences, decode_sentences
from gradus.interfaces.step import Step
from gradus.interfaces.translator import Translator
from gradus.networks.translation_models.step import TranslationStep
from gradus.params import STRICT
from gradus.progress import Track, silent
from gradus.runtime import RuntimeConfig, prepare
from gradus.text.pairs import Lines


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TranslateConfig:
    """Section `decode.mt` of params.yaml."""

    batch: Annotated[int, Field(ge=1, le=10**9)]
    """Number of sentences that are decoded together."""
    max_length: Annotated[int, Field(ge=1, le=10**9)]
    """Maximum number of tokens in a translation."""
    pictures: Annotated[int, Field(ge=0, le=10_000)]
    """Number of sentences whose attention weights are written to a file."""
    strategies: Annotated[dict[str, AnyStrategy], Field(min_length=1)]
    """Dict from the name of a strategy to the strategy."""


def source_sentences(model: Translator, src: Lines, device: torch.device, *, batch: int, max_length: int) -> Sentences:
    """Return the argument `sentences` of `decode_sentences` for source sentences and a translation model.

    Args:
        model: a translation model in evaluation mode, on `device`.
        src: token ids of the source sentences.
        device: device of the model.
        batch: number of sentences that are decoded together.
        max_length: maximum number of tokens in a translation.
    """

    def step(rows: NDArray[np.int64]) -> Step[Any]:
        ids = torch.from_numpy(src.padded(rows)).to(device)  # (B, S)
        return cast("Step[Any]", TranslationStep(model, ids, torch.from_numpy(src.lengths[rows])))

    return Sentences(src.lengths, step, batch, max_length)


def translate_ids(
    translator: OpenTranslator, src: Lines, config: TranslateConfig, runtime: RuntimeConfig, track: Track = silent
) -> Iterator[StrategyTexts]:
    """Translate source sentences with every decoding strategy; yield one `StrategyTexts` per strategy.

    The translations of a strategy are in the order of the source sentences.

    Args:
        translator: a translation model. The function moves its network to the device that `runtime` names.
        src: token ids of the source sentences.
        config: section `decode.mt` of params.yaml.
        runtime: device, seed and number of threads.
        track: progress display.
    Raises:
        InputError: if a batch does not fit into memory.
        RunError: if the model assigns probability zero to every token after some prefix.
    """
    device = prepare(runtime)
    model = translator.model.to(device)
    sentences = source_sentences(model, src, device, batch=config.batch, max_length=config.max_length)
    for name, strategy in config.strategies.items():
        # Every strategy has its own random generator, so that a new strategy does not change the texts of the others.
        generator = torch.Generator(device).manual_seed(runtime.seed)
        found = decode_sentences(sentences, strategy, generator, track)
        records = [Record(translator.tgt.decode(h.tokens), list(h.tokens), h.log_prob, h.score) for h in found]
        yield StrategyTexts(name, records)
