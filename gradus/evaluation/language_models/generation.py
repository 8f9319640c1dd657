"""Measure generated texts: diversity, log-probability under the model, and probability under the corpus's grammar."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict

from gradus.decoding.records import Record, whole_lines
from gradus.evaluation.language_models.diversity import diversity
from gradus.evaluation.language_models.text_score import ScoredText
from gradus.results.language_model import Generation, NaturalText

GrammarNats = Callable[[Sequence[int]], float | None]
"""Function from the token ids of a line, without EOS, to the line's negative log-probability under the grammar in nats.

The value is None if the grammar does not generate the line, and infinite if the probability is too small for a float.
"""

_SAMPLES = 2  # number of texts per strategy that the details keep for the report


class GrammarScore(TypedDict):
    """Measurements of complete lines under the grammar."""

    grammatical_share: float | None
    grammar_nats_per_token: float | None
    grammar_tokens: int | None


def score_generation(records: Sequence[Record], nats: GrammarNats | None = None) -> Generation:
    """Measure the texts that a model generated with one decoding strategy.

    nats_per_token = -(sum of the log-probabilities of the texts under the model that generated them) / tokens

    The tokens of prompts are not generated, so they count nowhere.

    Args:
        records: generated texts of equal length. EOS counts like any other token.
        nats: negative log-probability of a line under the grammar; None if the corpus has no grammar.
    """
    texts, lines = [record.ids for record in records], whole_lines(records)
    tokens = sum(map(len, texts))
    return Generation(
        texts=len(texts),
        tokens=tokens,
        nats_per_token=-sum(record.log_prob for record in records) / tokens,
        **diversity(texts),
        lines=len(lines),
        **score_grammar(lines, nats),
    )


def score_grammar(lines: Sequence[Sequence[int]], nats: GrammarNats | None) -> GrammarScore:
    """Measure complete lines under the grammar.

    grammatical_share = grammatical lines / lines
    grammar_nats_per_token = -(sum over grammatical lines of ln P(line)) / (tokens of these lines, EOS included)

    P(line) is exact; the grammar predicts a line without the earlier lines. If a probability is too small for a float,
    the line counts as grammatical, but not in the mean.
    """
    if nats is None or not lines:
        return GrammarScore(grammatical_share=None, grammar_nats_per_token=None, grammar_tokens=None)
    costs = [(cost, len(line) + 1) for line in lines if (cost := nats(line)) is not None]
    finite = [(cost, n_tokens) for cost, n_tokens in costs if math.isfinite(cost)]
    n_tokens = sum(n for _, n in finite)
    return GrammarScore(
        grammatical_share=len(costs) / len(lines),
        grammar_nats_per_token=math.fsum(cost for cost, _ in finite) / n_tokens if finite else None,
        grammar_tokens=n_tokens or None,
    )


def score_natural_text(text: ScoredText, length: int) -> NaturalText:
    """Compute the diversity of a natural text, cut into pieces of `length` tokens, and its probability by line.

    The rest of the text after the last whole piece is left out of the diversity.
    """
    # Repetition grows with the length of a text, so only texts of one length can be compared.
    ids = text.ids.tolist()
    pieces = [ids[begin : begin + length] for begin in range(0, len(ids) - length + 1, length)]
    if not pieces:
        return NaturalText()
    per_token = None if text.floors is None else text.floors.line_nats / len(ids)
    return NaturalText(texts=len(pieces), **diversity(pieces), grammar_nats_per_token=per_token)


def first_texts(generated: Mapping[str, Sequence[Record]]) -> dict[str, list[str]]:
    """Return a dict from decoding strategy to the first texts that the strategy generated, for the report."""
    return {strategy: [record.text for record in records[:_SAMPLES]] for strategy, records in generated.items()}
