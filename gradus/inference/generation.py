"""Generate texts from a language model with every decoding strategy of params.yaml."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.decoding.decode import decode
from gradus.decoding.hypothesis import Hypothesis, Request
from gradus.decoding.records import Record, StrategyTexts, running_text
from gradus.decoding.strategies import AnyStrategy
from gradus.families.folder import ModelFolder
from gradus.inference.prompt import Prompted
from gradus.interfaces.step import Step
from gradus.params import STRICT
from gradus.runtime import RuntimeConfig, prepare
from gradus.text.tokenizers.tokenizer import Tokenizer


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GenerateConfig:
    """Section `decode.lm` of params.yaml."""

    tokens: Annotated[int, Field(ge=4, le=10**9)]
    """Number of tokens in each text. EOS does not end a text; the model continues with the next line."""
    texts: Annotated[int, Field(ge=1, le=10**9)]
    """Number of texts per strategy. Without prompts, a strategy that does not sample writes only one text, because all
    its texts would be equal."""
    prompt_tokens: Annotated[int, Field(ge=0, le=10**9)]
    """Number of tokens in the prompt of each text. Every text continues the beginning of a different test line. 0: all
    texts start without a prompt."""
    strategies: Annotated[dict[str, AnyStrategy], Field(min_length=1)]
    """Dict from the name of a strategy to the strategy."""


def generate(
    model: ModelFolder,
    tokenizer: Tokenizer,
    config: GenerateConfig,
    runtime: RuntimeConfig,
    prompts: Sequence[Sequence[int]] = (),
) -> Iterator[StrategyTexts]:
    """Generate texts with every decoding strategy; yield one `StrategyTexts` per strategy.

    Args:
        model: the opened language model.
        tokenizer: the tokenizer of the model.
        config: section `decode.lm` of params.yaml.
        runtime: device, seed and number of threads.
        prompts: `config.texts` prompts of equal length, one per text; empty: the texts have no prompts.
    Raises:
        InputError: if the texts of a strategy do not fit into memory.
        RunError: if the model assigns probability zero to every token after some prefix.
    """
    step, device = model.step(prepare(runtime))
    given = [list(prompt) for prompt in prompts] or [[]] * config.texts
    begun: Step[Any] = Prompted(step, prompts, device) if prompts else step
    for name, strategy in config.strategies.items():
        texts = config.texts if strategy.draws or prompts else 1
        request = Request(texts, config.tokens, stop_at_eos=False, device=device)
        # Every strategy has its own random generator, so that a new strategy does not change the texts of the others.
        generator = torch.Generator(device).manual_seed(runtime.seed)
        found = decode(begun, request, strategy, generator)
        yield StrategyTexts(name, [_record(h, prompt, tokenizer) for h, prompt in zip(found, given, strict=False)])


def _record(hypothesis: Hypothesis, prompt: list[int], tokenizer: Tokenizer) -> Record:
    text = running_text([*prompt, *hypothesis.tokens], tokenizer.decode)
    return Record(text, list(hypothesis.tokens), hypothesis.log_prob, hypothesis.score, prompt)
