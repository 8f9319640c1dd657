"""Complete a prompt by a language model of any family."""

from dataclasses import dataclass

import torch

from gradus.decoding.decode import decode
from gradus.decoding.hypothesis import Request
from gradus.decoding.strategy import Strategy
from gradus.errors import InputError
from gradus.families.folder import ModelFolder
from gradus.inference.prompt import Prompted
from gradus.text.special import UNK_ID
from gradus.text.tokenizers.tokenizer import Tokenizer


@dataclass(frozen=True)
class CompletionConfig:
    """How to complete a prompt."""

    strategy: Strategy
    texts: int
    """Completions to draw; a strategy without draws returns one."""
    length: int
    """Longest completion, in tokens."""
    seed: int


def complete(model: ModelFolder, tokenizer: Tokenizer, prompt: str, config: CompletionConfig) -> list[str]:
    """Return completions, each with the prompt in front.

    Raises:
        InputError: if the prompt has more than one line, or a word that the model does not know.
        RunError: if the model gives every token probability zero after some prefix.
    """
    ids = tokenizer.encode(prompt)
    if "\n" in prompt or UNK_ID in ids:
        found = "a line break" if "\n" in prompt else repr(tokenizer.decode(ids))
        raise InputError("PROMPT", expected="one line of known words", found=found, remedy="use words of the corpus")
    step, device = model.step(torch.device("cpu"))
    request = Request(config.texts if config.strategy.draws else 1, config.length, device=device)
    generator = torch.Generator(device).manual_seed(config.seed)
    hypotheses = decode(Prompted(step, ids, device), request, config.strategy, generator)
    return [tokenizer.decode([*ids, *hypothesis.content]) for hypothesis in hypotheses]
