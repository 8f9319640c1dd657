"""Contents of the report and their order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gradus.reporting.claims import claims_table
from gradus.reporting.fitted import fitted_table
from gradus.reporting.language_models import draw_language_models, generation_table, ladder_table
from gradus.reporting.ngrams import draw_ngrams, orders_table, sparsity_table
from gradus.reporting.page import Section
from gradus.reporting.recipes import recipes_table
from gradus.reporting.results import Results
from gradus.reporting.table import Table
from gradus.reporting.training import draw_training
from gradus.reporting.translation import draw_translation, translation_table


@dataclass(frozen=True)
class Strategies:
    """Names of the decoding strategies in params.yaml, in its order."""

    lm: Sequence[str]
    mt: Sequence[str]


def tabulate(results: Results, strategies: Strategies) -> dict[str, Table]:
    """Return the tables of the tracks that have results, by name."""
    tables = []
    if results.language_models:
        tables += [ladder_table(results), generation_table(results, strategies.lm)]
    if results.smoothers:
        tables += [orders_table(results), sparsity_table(results)]
        tables += [fitted] if (fitted := fitted_table(results)).rows else []
    if results.translators:
        tables.append(translation_table(results, strategies.mt))
    tables += [recipes_table(results.recipes), claims_table(results)]
    return {table.name: table for table in tables}


def draw(results: Results, strategies: Strategies, folder: Path) -> None:
    """Write every plot into a folder."""
    if results.language_models:
        draw_language_models(results, folder, strategies.lm)
    if results.smoothers:
        draw_ngrams(results, folder)
    if results.translators:
        draw_translation(results, folder)
    draw_training(results, folder)


def lay_out(results: Results, tables: Mapping[str, Table], plots: Path) -> tuple[str, list[Section]]:
    """Return the introduction of the page and its sections; a section without contents is left out."""
    sections = [part.section(results, tables, plots) for part in _PARTS]
    first = results.first_language_model
    corpus = first.corpus if first else "unknown"
    introduction = (
        f"One run of the pipeline with one seed, on the corpus “{corpus}” of params.yaml. "
        "All numbers come from metrics/; dvc repro computes them again."
    )
    return introduction, [section for section in sections if section.tables or section.plots or section.samples]


@dataclass(frozen=True)
class _Part:
    """Plan of one section."""

    title: str
    text: str
    tables: Sequence[str] = ()
    """Names."""
    plots: Sequence[str] = ()
    """Patterns of names."""
    samples: Callable[[Results], Mapping[str, Sequence[str]]] | None = None

    def section(self, results: Results, tables: Mapping[str, Table], plots: Path) -> Section:
        """Return the section with the tables and plots that this run has."""
        return Section(
            self.title,
            self.text,
            [tables[name] for name in self.tables if name in tables],
            [path for pattern in self.plots for path in sorted(plots.glob(f"{pattern}.svg"))],
            self.samples(results) if self.samples else None,
        )


def _generated(results: Results) -> dict[str, list[str]]:
    """Return the first generated text of every model and strategy."""
    return {
        f"{name}, {strategy}": texts[:1]
        for name, details in results.lm_details.items()
        for strategy, texts in details.texts.items()
    }


def _translated(results: Results) -> dict[str, list[str]]:
    """Return the same source sentences with every model's translation."""
    return {
        name: [f"{each.source}\n→ {each.hypothesis}\n= {each.reference}" for each in details.translations]
        for name, details in results.mt_details.items()
        if details.translations
    }


_PARTS: tuple[_Part, ...] = (
    _Part("The ladder", "All language models score the same test text.", ["ladder"], ["ladder"]),
    _Part("Claims", "Claims of the lecture, and the measurements of this run.", ["claims"]),
    _Part("n-grams", "Gains and costs of longer contexts and better smoothing.", ["orders", "sparsity"],
          ["orders", "unseen", "entries", "bytes"]),
    _Part("Speed", "The n-gram engine compared with KenLM, and on texts of growing length.",
          ["ngram_speed", "ngram_opening", "ngram_growth"]),
    _Part("Smoothing", "Parameters that the smoothers fitted.", ["fitted"]),
    _Part("Training", "Validation loss and gradient norm.", plots=["loss_*", "gradient_*"]),
    _Part("Translation", "One vector per sentence, attention, self-attention.", ["translation"],
          ["bleu_by_length", "attention_*"], _translated),
    _Part("Generated text", "Texts of each model with each decoding strategy.", ["generation"], ["repetition"],
          _generated),
    _Part("Recipes", "Other corpora, and several seeds, run by gradus recipe.", ["recipes"]),
)  # fmt: skip
