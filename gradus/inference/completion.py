"""Complete a prompt with an n-gram model or a neural language model."""

from dataclasses import dataclass

import torch

from gradus.decoding.decode import decode
from gradus.decoding.hypothesis import Request
from gradus.decoding.strategy import Strategy
from gradus.families.folder import ModelFolder
from gradus.inference.arguments import require_number
from gradus.inference.prompt import Prompted
from gradus.inference.prompt_text import encode_prompt
from gradus.text.tokenizers.tokenizer import Tokenizer


@dataclass(frozen=True)
class CompletionConfig:
    """Settings for completing a prompt."""

    strategy: Strategy
    """Decoding strategy."""
    texts: int
    """Number of completions. A strategy that does not sample returns only one."""
    length: int
    """Maximum number of tokens in a completion."""
    seed: int
    """Seed of the random generator."""

    def __post_init__(self) -> None:
        """Raise InputError if a number is out of range."""
        require_number("texts", self.texts)
        require_number("length", self.length)
        require_number("seed", self.seed, least=0)


def complete(model: ModelFolder, tokenizer: Tokenizer, prompt: str, config: CompletionConfig) -> list[str]:
    """Return completions of a prompt. Each text begins with the prompt, as `encode_prompt` reads it.

    Raises:
        InputError: if the prompt has a line break, or a word that is not in the vocabulary.
        RunError: if the model assigns probability zero to every token after some prefix.
    """
    ids = encode_prompt(tokenizer, prompt)
    step, device = model.step(torch.device("cpu"))
    # Without sampling all completions would be equal.
    request = Request(config.texts if config.strategy.draws else 1, config.length, device=device)
    generator = torch.Generator(device).manual_seed(config.seed)
    hypotheses = decode(Prompted(step, [ids], device), request, config.strategy, generator)
    return [tokenizer.decode([*ids, *hypothesis.content]) for hypothesis in hypotheses]
