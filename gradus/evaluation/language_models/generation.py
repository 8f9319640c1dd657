"""Measure generated texts: diversity, log-probability, and the share of grammatical lines."""

from collections.abc import Callable, Mapping, Sequence

from gradus.decoding.records import Record, whole_lines
from gradus.evaluation.language_models.diversity import diversity
from gradus.results.language_model import Generation, NaturalText

IsGrammatical = Callable[[Sequence[int]], bool]
"""Function that returns whether the token ids of a line, without EOS, form a grammatical sentence."""

_SAMPLES = 2  # number of texts per strategy that the details keep for the report


def score_generation(records: Sequence[Record], is_grammatical: IsGrammatical | None = None) -> Generation:
    """Measure the texts that a model generated with one decoding strategy.

    nats_per_token = -(sum of the log-probabilities of the texts under the model that generated them) / tokens
    grammatical_share = grammatical lines / complete lines

    Args:
        records: generated texts of equal length. EOS counts like any other token.
        is_grammatical: function that tests whether a line is grammatical; None if the corpus has no grammar.
    """
    texts, lines = [record.ids for record in records], whole_lines(records)
    tokens = sum(map(len, texts))
    return Generation(
        texts=len(texts),
        tokens=tokens,
        nats_per_token=-sum(record.log_prob for record in records) / tokens,
        **diversity(texts),
        lines=len(lines),
        grammatical_share=sum(map(is_grammatical, lines)) / len(lines) if is_grammatical and lines else None,
    )


def score_natural_text(ids: Sequence[int], length: int) -> NaturalText:
    """Compute the diversity of a natural text, cut into pieces of `length` tokens.

    The rest of the text after the last whole piece is left out.
    """
    # Repetition grows with the length of a text, so only texts of one length can be compared.
    pieces = [ids[begin : begin + length] for begin in range(0, len(ids) - length + 1, length)]
    return NaturalText(texts=len(pieces), **diversity(pieces)) if pieces else NaturalText()


def first_texts(generated: Mapping[str, Sequence[Record]]) -> dict[str, list[str]]:
    """Return a dict from decoding strategy to the first texts that the strategy generated, for the report."""
    return {strategy: [record.text for record in records[:_SAMPLES]] for strategy, records in generated.items()}
