"""Diversity, likelihood and grammar of generated texts."""

from collections.abc import Callable, Mapping, Sequence

from gradus.decoding.records import Record, whole_lines
from gradus.evaluation.language_models.diversity import diversity
from gradus.results.language_model import Generation, NaturalText

IsGrammatical = Callable[[Sequence[int]], bool]
"""Tells whether the ids of one line, without EOS, form a sentence of a grammar."""

_SAMPLES = 2  # texts per strategy that the report can show


def score_generation(records: Sequence[Record], is_grammatical: IsGrammatical | None = None) -> Generation:
    """Score the texts of one decoding strategy.

    nats_per_token = -sum of log-probabilities / number of tokens, under the model that generated the texts
    grammatical_share = grammatical lines / complete lines

    Args:
        records: texts of equal length, in which EOS is a token like any other.
        is_grammatical: None if the corpus has no grammar.
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
    """Return the diversity of a natural text in pieces of `length` tokens; a shorter rest is left out."""
    # Repetition grows with the length of a text, so only texts of one length can be compared.
    pieces = [ids[begin : begin + length] for begin in range(0, len(ids) - length + 1, length)]
    return NaturalText(texts=len(pieces), **diversity(pieces)) if pieces else NaturalText()


def first_texts(generated: Mapping[str, Sequence[Record]]) -> dict[str, list[str]]:
    """Return the first texts of every strategy, for the report."""
    return {strategy: [record.text for record in records[:_SAMPLES]] for strategy, records in generated.items()}
