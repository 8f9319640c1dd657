"""Translate token ids by a translation model, by every decoding strategy of params.yaml."""

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
    """Sentences decoded together."""
    max_length: Annotated[int, Field(ge=1, le=10**9)]
    """Longest translation, in tokens."""
    pictures: Annotated[int, Field(ge=0, le=10_000)]
    """Sentences whose attention is kept."""
    strategies: Annotated[dict[str, AnyStrategy], Field(min_length=1)]


def source_sentences(model: Translator, src: Lines, device: torch.device, *, batch: int, max_length: int) -> Sentences:
    """Return the request to decode source lines with a translation model, for `decode_sentences`.

    Args:
        model: in evaluation mode, on `device`.
        src: token ids of the source lines.
        batch: sentences decoded together.
        max_length: longest translation, in tokens.
    """

    def step(rows: NDArray[np.int64]) -> Step[Any]:
        ids = torch.from_numpy(src.padded(rows)).to(device)  # (B, S)
        return cast("Step[Any]", TranslationStep(model, ids, torch.from_numpy(src.lengths[rows])))

    return Sentences(src.lengths, step, batch, max_length)


def translate_ids(
    translator: OpenTranslator, src: Lines, config: TranslateConfig, runtime: RuntimeConfig, track: Track = silent
) -> Iterator[StrategyTexts]:
    """Yield the translations of source lines by every strategy, in the order of the lines.

    Args:
        translator: its model is moved to the device that `runtime` names.
        src: token ids of the source lines.
    Raises:
        InputError: if a batch does not fit into memory.
        RunError: if the model gives every token probability zero after some prefix.
    """
    device = prepare(runtime)
    model = translator.model.to(device)
    sentences = source_sentences(model, src, device, batch=config.batch, max_length=config.max_length)
    for name, strategy in config.strategies.items():
        # A generator of its own, so that a new strategy leaves the texts of the others as they are.
        generator = torch.Generator(device).manual_seed(runtime.seed)
        found = decode_sentences(sentences, strategy, generator, track)
        records = [Record(translator.tgt.decode(h.tokens), list(h.tokens), h.log_prob, h.score) for h in found]
        yield StrategyTexts(name, records)
