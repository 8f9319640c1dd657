"""Choose the sentences that the page shows under all models, and lay them out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradus.reporting.results import Results
from gradus.reporting.table import exponential, number
from gradus.results.details import ScoredLine, TranslatedSentence

LEVELS = 5
"""Number of shades of a cell with a probability."""
BEGINNING_LINES = 2
"""Number of lines of a generated text that are shown at once."""
BEGINNING_CHARACTERS = 160
"""Number of characters of a generated text that are shown at once."""


@dataclass(frozen=True)
class TokenProbability:
    """Cell of the table of an example line."""

    text: str
    """Probability in per cent."""
    level: int
    """Shade of the cell, from 0 (improbable) to `LEVELS` (certain)."""


@dataclass(frozen=True)
class LineExample:
    """A line of the test text, and the probability of each of its pieces under every model."""

    pieces: Sequence[str]
    """Pieces of the line."""
    rows: Mapping[str, tuple[Sequence[TokenProbability], str]]
    """Dict from model to its cells and its perplexity on this line."""


@dataclass(frozen=True)
class TranslationExample:
    """A sentence of the test text and its translations."""

    source: str
    reference: str
    hypotheses: Mapping[str, str]
    """Dict from model to its translation."""

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Names and texts: the source, the translations, and the reference at the end, where all can be compared."""
        return [("source", self.source), *self.hypotheses.items(), ("reference", self.reference)]


def line_example(results: Results) -> LineExample | None:
    """Return the example line on which the models differ most; None if no model has examples.

    The difference of a line is the logarithm of the ratio between its largest and its smallest probability, among the
    models that give it a probability above zero.
    """
    found = {name: results.lm_details[name].examples for name in results.language_models}
    models = {name: lines for name, lines in found.items() if lines}
    if not models:
        return None
    first = next(iter(models.values()))
    count = min(map(len, models.values()))
    same = [k for k in range(count) if all(lines[k].pieces == first[k].pieces for lines in models.values())]
    if not same:
        return None  # the models were evaluated on different texts
    best = max(same, key=lambda k: _difference([lines[k] for lines in models.values()]))
    rows = {name: (_cells(lines[best]), _perplexity(lines[best])) for name, lines in models.items()}
    return LineExample(first[best].pieces, rows)


def _difference(lines: Sequence[ScoredLine]) -> float:
    costs = [_nats(line) for line in lines if all(line.probabilities)]
    return max(costs) - min(costs) if costs else 0.0


def _nats(line: ScoredLine) -> float:
    return -sum(map(math.log, line.probabilities))


def _perplexity(line: ScoredLine) -> str:
    if not all(line.probabilities):
        return number(math.inf)
    return number(exponential(_nats(line) / len(line.probabilities)), 1)


def _cells(line: ScoredLine) -> list[TokenProbability]:
    return [TokenProbability(_percentage(value), round(LEVELS * value)) for value in line.probabilities]


def _percentage(probability: float) -> str:
    if probability == 0:
        return "0"
    return "<1" if probability < 0.01 else f"{100 * probability:.0f}"


def translation_example(results: Results) -> TranslationExample | None:
    """Return the sentence with the most different translations, the longest among equals; None without samples.

    The models translated the same sentences. Sentences that not all models have are left out.
    """
    samples = {
        name: {each.source: each for each in details.translations} for name, details in results.mt_details.items()
    }
    models = {name: sentences for name, sentences in samples.items() if sentences}
    if not models:
        return None
    first, *others = models.values()
    common = [source for source in first if all(source in sentences for sentences in others)]
    if not common:
        return None
    best = max(common, key=lambda source: (len(_distinct(models, source)), len(source)))
    hypotheses = {name: sentences[best].hypothesis for name, sentences in models.items()}
    return TranslationExample(best, first[best].reference, hypotheses)


def _distinct(models: Mapping[str, Mapping[str, TranslatedSentence]], source: str) -> set[str]:
    return {sentences[source].hypothesis for sentences in models.values()}


@dataclass(frozen=True)
class TextExamples:
    """Texts that one language model generated."""

    model: str
    texts: Mapping[str, str]
    """Dict from decoding strategy to the beginning of its first text."""


def text_examples(results: Results, model: str) -> TextExamples | None:
    """Return the first text of each decoding strategy, cut after a few lines; None if the model has no texts."""
    details = results.lm_details.get(model)
    texts = {name: _beginning(texts[0]) for name, texts in details.texts.items() if texts} if details else {}
    return TextExamples(model, texts) if texts else None


def _beginning(text: str) -> str:
    lines = text.splitlines()[:BEGINNING_LINES]
    cut = "\n".join(lines)[:BEGINNING_CHARACTERS]
    return cut if cut == text.rstrip("\n") else f"{cut} …"
