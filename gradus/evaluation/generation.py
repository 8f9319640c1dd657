"""What generated text is like: repetition, the model's own surprise, grammar."""

from collections.abc import Callable, Sequence
from typing import Any

from gradus.evaluation.diversity import diversity

IsGrammatical = Callable[[Sequence[int]], bool]
"""Says whether the ids of one line, without EOS, are a sentence."""


def text_metrics(
    texts: Sequence[Sequence[int]],
    log_probs: Sequence[float],
    lines: Sequence[Sequence[int]],
    is_grammatical: IsGrammatical | None = None,
) -> dict[str, Any]:
    """Return the metrics of texts of equal length in which EOS is a token like any other.

    nats_per_token = -sum of log_probs / sum of tokens, under the model that wrote them
    grammatical_share = grammatical lines / lines

    Args:
        texts: ids of each text.
        log_probs: ln P of each text, nats.
        lines: all lines that end with EOS, without it; the last of a text, which its end cuts, is none.
        is_grammatical: None where no grammar is known.
    """
    tokens = sum(map(len, texts))
    result: dict[str, Any] = {"texts": len(texts), "tokens": tokens, "nats_per_token": -sum(log_probs) / tokens}
    result |= diversity(texts) | {"lines": len(lines)}
    if is_grammatical and lines:
        result["grammatical_share"] = sum(map(is_grammatical, lines)) / len(lines)
    return result


def reference_metrics(ids: Sequence[int], length: int) -> dict[str, Any]:
    """Return the diversity of natural text, cut into pieces as long as the generated ones; the rest is left out."""
    pieces = [ids[begin : begin + length] for begin in range(0, len(ids) - length + 1, length)]
    return {"texts": len(pieces), **diversity(pieces)} if pieces else {}
