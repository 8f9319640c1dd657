"""Compute the most probable next tokens after a prompt, with any language model.

For n-gram models, this module does not import torch, because the import takes seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.families.folder import ModelFolder
from gradus.families.ngrams import NgramFolder
from gradus.inference.arguments import require_number
from gradus.inference.prompt_text import encode_prompt
from gradus.text.tokenizers.tokenizer import Tokenizer


@dataclass(frozen=True)
class NextToken:
    """A token that may follow a prompt, and its probability."""

    text: str
    """The piece. In pieces of SentencePiece, U+2581 (`▁`) stands for a space, so `▁king` begins a new word, and `ing`
    continues a word. `</s>` is the end of the line, and `<unk>` stands for all words outside the vocabulary."""
    probability: float
    """P(token | prompt)."""


def next_tokens(model: ModelFolder, tokenizer: Tokenizer, prompt: str, top: int) -> list[NextToken]:
    """Return the `top` most probable next tokens, the most probable first; of equally probable tokens, by id.

    The list is shorter if fewer tokens have a probability above zero.

    Raises:
        InputError: if `top` is below 1, or the prompt has a line break or unknown words.
    """
    require_number("top", top)
    ids = encode_prompt(tokenizer, prompt)
    probs = np.exp(model.model().next_log_probs(ids) if isinstance(model, NgramFolder) else _step_log_probs(model, ids))
    ranked = np.argsort(-probs, kind="stable")[:top]  # stable: of equal probabilities, smaller ids come first
    return [NextToken(tokenizer.pieces[token], float(probs[token])) for token in ranked if probs[token] > 0]


def _step_log_probs(model: ModelFolder, ids: Sequence[int]) -> NDArray[np.float64]:
    """Return ln P of every token after a prompt, shape (V,)."""
    import torch

    from gradus.inference.prompt import Prompted

    step, device = model.step(torch.device("cpu"))
    prompted = Prompted(step, [ids], device)
    log_probs, _ = prompted.step(torch.tensor([prompted.first]), prompted.start(1))
    return log_probs[0].double().numpy()
