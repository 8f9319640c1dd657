"""Sections of the report: which tables, plots and sample texts each section contains, and their order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from gradus.reporting.claims import claims_table, model_tables, studies_table
from gradus.reporting.fitted import fitted_table
from gradus.reporting.language_models import draw_language_models, generation_table, ladder_table
from gradus.reporting.ngrams import draw_ngrams, orders_table, sparsity_table
from gradus.reporting.page import Section
from gradus.reporting.recipes import recipes_table
from gradus.reporting.results import Results
from gradus.reporting.studies import draw_studies
from gradus.reporting.table import Table
from gradus.reporting.training import draw_training
from gradus.reporting.translation import draw_translation, translation_table
from gradus.results.training_benchmark import TrainingSpeedResult


@dataclass(frozen=True)
class Strategies:
    """Names of the decoding strategies, in the order of params.yaml."""

    lm: Sequence[str]
    """Strategies of the language models."""
    mt: Sequence[str]
    """Strategies of the translation models."""


def tabulate(results: Results, strategies: Strategies, speed: TrainingSpeedResult | None = None) -> dict[str, Table]:
    """Return a dict from table name to table. Tables without rows are left out, such as those of missing models.

    Args:
        results: results of the models.
        strategies: decoding strategies, in the order of the tables.
        speed: result of the benchmark of training, for the tables of the studies.
    """
    tables = []
    if results.language_models:
        tables += [ladder_table(results), generation_table(results, strategies.lm)]
    if results.smoothers:
        tables += [orders_table(results), sparsity_table(results), fitted_table(results)]
    if results.translators:
        tables.append(translation_table(results, strategies.mt))
    tables += [recipes_table(results.recipes), claims_table(results.studies), studies_table(results.studies)]
    tables += model_tables(results.studies, speed)
    return {table.name: table for table in tables if table.rows}


def draw(results: Results, strategies: Strategies, folder: Path) -> None:
    """Write all plots as SVG files into a folder."""
    if results.language_models:
        draw_language_models(results, folder, strategies.lm)
    if results.smoothers:
        draw_ngrams(results, folder)
    if results.translators:
        draw_translation(results, folder)
    draw_training(results, folder)
    draw_studies(results.studies, folder)


def lay_out(results: Results, tables: Mapping[str, Table], plots: Path, command: str) -> tuple[str, list[Section]]:
    """Return the introduction of the page and its sections. A section without tables, plots and samples is left out.

    Args:
        results: results of the models.
        tables: dict from table name to table.
        plots: folder of the plots.
        command: command that computes the results again.
    """
    sections = [part.section(results, tables, plots) for part in _PARTS]
    kinds = {"language models": results.language_models, "translation models": results.translators}
    corpora = [
        f"The corpus of the {kind} is “{first.corpus}” of params.yaml. "
        for kind, models in kinds.items()
        if (first := next(iter(models.values()), None)) is not None
    ]
    introduction = (
        f"This page shows the results of one run of the pipeline, with one seed. {''.join(corpora)}All numbers come "
        f"from the files in metrics/; the command “{command}” computes them again."
    )
    return introduction, [section for section in sections if section.tables or section.plots or section.samples]


@dataclass(frozen=True)
class _Part:
    """Plan of one section of the report."""

    title: str
    """Heading of the section."""
    text: str
    """Introduction of the section."""
    tables: Sequence[str] = ()
    """Glob patterns of the tables' names."""
    plots: Sequence[str] = ()
    """Glob patterns of the plots' file names, without the suffix."""
    samples: Callable[[Results], Mapping[str, Sequence[str]]] | None = None
    """Function that returns the sample texts; None for a section without sample texts."""

    def section(self, results: Results, tables: Mapping[str, Table], plots: Path) -> Section:
        """Return the section with those planned tables and plots that exist in this run."""
        return Section(
            self.title,
            self.text,
            [table for pattern in self.tables for name, table in tables.items() if fnmatchcase(name, pattern)],
            [path for pattern in self.plots for path in sorted(plots.glob(f"{pattern}.svg"))],
            self.samples(results) if self.samples else None,
        )


def _generated(results: Results) -> dict[str, list[str]]:
    """Return a dict from `MODEL, STRATEGY` to a list with the first text that the model generated with the strategy."""
    return {
        f"{name}, {strategy}": texts[:1]
        for name, details in results.lm_details.items()
        for strategy, texts in details.texts.items()
    }


def _translated(results: Results) -> dict[str, list[str]]:
    """Return a dict from model name to samples. Each sample shows source sentence, translation and reference."""
    return {
        name: [f"{each.source}\n→ {each.hypothesis}\n= {each.reference}" for each in details.translations]
        for name, details in results.mt_details.items()
        if details.translations
    }


_PARTS: tuple[_Part, ...] = (
    _Part("The ladder", "This section compares all language models, from the simplest n-gram model to the Transformer, "
          "on the same test text.", ["ladder"], ["ladder"]),
    _Part("Claims", "This section compares each claim of the lecture with the results of studies. A study runs its "
          "models with several seeds.", ["claims", "studies", "study_*"], ["study_*"]),
    _Part("n-grams", "This section shows how the perplexity and the size of n-gram models depend on their order and "
          "their smoothing.", ["orders", "sparsity"], ["orders", "unseen", "entries", "bytes"]),
    _Part("Speed", "This section compares the time and the memory of gradus and KenLM for n-gram models, and shows how "
          "the cost of gradus grows with the text. Its last tables show the time and the memory for training networks.",
          ["ngram_speed", "ngram_opening", "ngram_growth", "training_speed", "chunk_speed"]),
    _Part("Smoothing", "This section shows the parameters that the smoothers estimated from the text.", ["fitted"]),
    _Part("Training", "This section shows how the validation loss and the gradient norm of the neural models changed "
          "during training.", plots=["loss_*", "gradient_*"]),
    _Part("Translation", "This section compares translation models with a single vector per source sentence, with "
          "attention, and with self-attention (Transformer). Each sample has three lines: the source sentence, the "
          "translation by the model (→), and the reference (=).", ["translation"],
          ["bleu_by_length", "attention_*"], _translated),
    _Part("Generated text", "This section compares the texts that each language model generated with each decoding "
          "strategy.", ["generation"], ["repetition"], _generated),
    _Part("Recipes", "This section shows the results of recipes, averaged over their seeds. The command "
          "“gradus recipe run” computed them.",
          ["recipes"]),
)  # fmt: skip
