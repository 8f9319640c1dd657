"""Take the beginnings of test lines as prompts."""

from pathlib import Path

import numpy as np

from gradus.errors import InputError
from gradus.families.folder import ModelFolder
from gradus.families.tokenizers import require_tokenizer
from gradus.text.token_ids import open_tokens, read_ids, split_lines
from gradus.text.tokenizers.tokenizer import load_tokenizer


def prompts_of_test_lines(model: ModelFolder, tokens: Path, *, count: int, length: int) -> list[list[int]]:
    """Return the first `length` tokens of `count` test lines.

    The lines are evenly spaced among the test lines that have `length` tokens before EOS. Of lines that begin with the
    same `length` tokens only the first is considered, so that all prompts are different.

    Args:
        model: the opened language model that will continue the prompts.
        tokens: folder of the token ids that the stage `tokenize` wrote.
        count: number of prompts, at least 1.
        length: number of tokens in each prompt; 0 returns an empty list, without reading `tokens`.
    Raises:
        InputError: if the folder is damaged or belongs to another tokenizer, or the test text has too few beginnings.
    """
    if not length:
        return []
    open_tokens(tokens)
    require_tokenizer(model, load_tokenizer(tokens / "tokenizer"), tokens / "tokenizer")
    lines = split_lines(read_ids(tokens, "test"))
    # A dict, because a set has no order.
    begun = list(dict.fromkeys(tuple(line[:length].tolist()) for line in lines if len(line) > length))
    if len(begun) < count:
        raise InputError(
            "decode.lm: texts",
            expected=f"at most {len(begun)}, the number of different beginnings of test lines with {length} tokens",
            found=str(count),
            remedy="choose fewer texts, or another number of prompt_tokens",
        )
    return [list(begun[row]) for row in np.arange(count) * len(begun) // count]
