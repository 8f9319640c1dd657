"""What generated text is like: repetition, the model's own surprise, grammar."""

from collections.abc import Callable, Sequence
from typing import Any

from gradus.decoding.records import Record, split_at_eos
from gradus.evaluation.diversity import diversity

IsGrammatical = Callable[[Sequence[int]], bool]
"""Says whether the ids of one line, without EOS, are a sentence."""


def text_metrics(records: Sequence[Record], is_grammatical: IsGrammatical | None = None) -> dict[str, Any]:
    """Return the metrics of texts of equal length in which EOS is a token like any other.

    nats_per_token = -sum of ln P(text) / sum of tokens, under the model that wrote them
    grammatical_share = grammatical lines / whole lines; the last line of a text, which its end cuts, is left out

    Args:
        records: generated texts.
        is_grammatical: None where no grammar is known.
    """
    texts = [record.ids for record in records]
    tokens = sum(map(len, texts))
    result: dict[str, Any] = {"texts": len(texts), "tokens": tokens}
    result["nats_per_token"] = -sum(record.log_prob for record in records) / tokens
    result |= diversity(texts)
    lines = [line for text in texts for line in split_at_eos(text)[:-1]]
    result["lines"] = len(lines)
    if is_grammatical and lines:
        result["grammatical_share"] = sum(map(is_grammatical, lines)) / len(lines)
    return result


def reference_metrics(ids: Sequence[int], length: int) -> dict[str, Any]:
    """Return the diversity of natural text, cut into pieces as long as the generated ones; the rest is left out."""
    pieces = [ids[begin : begin + length] for begin in range(0, len(ids) - length + 1, length)]
    return {"texts": len(pieces), **diversity(pieces)} if pieces else {}
