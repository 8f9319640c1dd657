"""Write the introduction of the page: the run in one sentence, its main numbers, and what they mean."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradus.reporting.drawing.in_words import lowest
from gradus.reporting.ladder_plots import best_of
from gradus.reporting.language_models import floors, perplexities
from gradus.reporting.results import Results
from gradus.reporting.table import number
from gradus.reporting.verdicts import verdicts
from gradus.results.language_model import LanguageModelResult
from gradus.results.translation import TranslationResult

_TOKENS = {"word": "a word or a punctuation mark", "char": "a character"}


@dataclass(frozen=True)
class Headline:
    """One of the main numbers of a run."""

    name: str
    value: str
    note: str
    """Explanation of the value, a few words."""


def best_language_model(results: Results) -> tuple[str, float] | None:
    """Return name and perplexity of the language model with the lowest test perplexity; None if there is none."""
    return _best(results.language_models)


def _best(models: Mapping[str, LanguageModelResult]) -> tuple[str, float] | None:
    values = {name: found[1] for name, model in models.items() if (found := best_of(perplexities(model)))}
    return lowest(values) if values else None


def headlines(results: Results) -> list[Headline]:
    """Return the main numbers of the run: best language model, best translation, verdicts of the studies."""
    found = []
    if best := best_language_model(results):
        floor = min(floors(results).values(), default=None)
        note = f"test perplexity of {best[0]}, the best of {len(results.language_models)} language models"
        goal = f"; no model can expect less than {number(floor)}" if floor else ""
        found.append(Headline("Language", number(best[1]), note + goal))
    if results.translators:
        name, model = max(results.translators.items(), key=lambda item: item[1].headline.bleu)
        note = f"BLEU of {name}, the best of {len(results.translators)} translation models, out of 100"
        found.append(Headline("Translation", number(model.headline.bleu, 1), note))
    if counts := Counter(verdict for *_, verdict in verdicts(results.studies)):
        note = f"hold; {counts['fails']} fail, {counts['undecided']} are undecided (over several seeds)"
        found.append(Headline("Claims", f"{counts['holds']} of {counts.total()}", note))
    return found


def run_sentence(results: Results, command: str) -> str:
    """Return the sentence about the run: corpora, models, and the command that computes them again."""
    corpora = [
        f"{len(models)} {kind} of the corpus “{models[0].corpus}”" for kind, models in _models_by_kind(results).items()
    ]
    return (
        f"This page shows one run of gradus: {' and '.join(corpora) or 'no models'}. All its numbers come from files; "
        f"the command “{command}” computes them again."
    )


def notes_on_text(results: Results) -> list[str]:
    """Return paragraphs about tokens, contexts and the floor of this run; empty without language models."""
    first = results.first_language_model
    if first is None:
        return []
    tokenizer, text = first.tokenizer, first.text
    token = _TOKENS.get(tokenizer.kind, f"a piece of a word (tokenizer {tokenizer.kind})")
    notes = [
        f"In this run, a token is {token}. The vocabulary has {number(tokenizer.size, 0)} types of tokens, and the "
        f"test text has {number(text.tokens, 0)} tokens, the end of each line included."
    ]
    contexts = {context for model in results.language_models.values() for context in model.test}
    if "stream" in contexts:
        notes.append(
            "Two perplexities are given. *Line*: the model forgets everything at the end of a line, so all models can "
            "be compared. *Stream*: the model may use all earlier lines, which n-gram models cannot."
        )
    if known := floors(results):
        values = ", ".join(f"{number(value)} by {context}" for context, value in known.items())
        notes.append(
            "The text was written by a grammar of the project, so the true probability of every token is known. Its "
            f"perplexity under the true probabilities is the *floor*: {values}. A model can only come close to it."
        )
    return notes


def page_title(results: Results) -> str:
    """Return the title of the page: kinds of models and corpora of the run."""
    found = _models_by_kind(results)
    corpora = dict.fromkeys(model.corpus for models in found.values() for model in models)
    kinds = " and ".join(found) or "results"
    return f"{kinds[0].upper()}{kinds[1:]}: {', '.join(corpora) or 'none'}"


def _models_by_kind(results: Results) -> dict[str, list[LanguageModelResult | TranslationResult]]:
    """Return a dict from kind, as a sentence names it, to the models of the run; a kind without models is left out."""
    kinds: dict[str, list[LanguageModelResult | TranslationResult]] = {
        "language models": [*results.language_models.values()],
        "translation models": [*results.translators.values()],
    }
    return {kind: models for kind, models in kinds.items() if models}


def note_on_models(results: Results, kinds: Sequence[str]) -> list[str]:
    """Return a paragraph with the perplexities of the networks of some kinds, beside the best n-gram model.

    Args:
        results: results of the run.
        kinds: architectures.
    """
    found = {name: model for name, model in results.networks.items() if model.kind in kinds}
    if not found:
        return []
    own = "; ".join(f"**{name}** {_perplexities(model)}" for name, model in found.items())
    best = _best(results.smoothers)
    beside = f" The best n-gram model, {best[0]}, has {number(best[1])} by line." if best else ""
    return [f"Test perplexity in this run: {own}.{beside}"]


def _perplexities(model: LanguageModelResult) -> str:
    values = perplexities(model)
    return ", ".join(f"{number(value)} by {context}" for context, value in values.items() if value is not None)
