"""Generate texts from a language model with every decoding strategy of params.yaml."""

from collections.abc import Iterator
from typing import Annotated

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.decoding.decode import decode
from gradus.decoding.hypothesis import Request
from gradus.decoding.records import Record, StrategyTexts, running_text
from gradus.decoding.strategies import AnyStrategy
from gradus.families.folder import ModelFolder
from gradus.params import STRICT
from gradus.runtime import RuntimeConfig, prepare
from gradus.text.tokenizers.tokenizer import Tokenizer


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GenerateConfig:
    """Section `decode.lm` of params.yaml."""

    tokens: Annotated[int, Field(ge=4, le=10**9)]
    """Number of tokens in each text. EOS does not end a text; the model continues with the next line."""
    texts: Annotated[int, Field(ge=1, le=10**9)]
    """Number of texts per strategy. A strategy that does not sample writes only one text, because all its texts would
    be equal."""
    strategies: Annotated[dict[str, AnyStrategy], Field(min_length=1)]
    """Dict from the name of a strategy to the strategy."""


def generate(
    model: ModelFolder, tokenizer: Tokenizer, config: GenerateConfig, runtime: RuntimeConfig
) -> Iterator[StrategyTexts]:
    """Generate texts with every decoding strategy; yield one `StrategyTexts` per strategy.

    Raises:
        InputError: if the texts of a strategy do not fit into memory.
        RunError: if the model assigns probability zero to every token after some prefix.
    """
    step, device = model.step(prepare(runtime))
    for name, strategy in config.strategies.items():
        texts = config.texts if strategy.draws else 1
        request = Request(texts, config.tokens, stop_at_eos=False, device=device)
        # Every strategy has its own random generator, so that a new strategy does not change the texts of the others.
        generator = torch.Generator(device).manual_seed(runtime.seed)
        found = decode(step, request, strategy, generator)
        records = [Record(running_text(h.tokens, tokenizer.decode), list(h.tokens), h.log_prob, h.score) for h in found]
        yield StrategyTexts(name, records)
