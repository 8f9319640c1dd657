"""Content of the report: tables, pictures, and the page with its chapters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from gradus.reporting.adaptation import adapted_table
from gradus.reporting.chapters import CHAPTERS, Chapter, kinds_of
from gradus.reporting.claims import claims_table, model_tables, studies_table
from gradus.reporting.examples import line_example, text_examples, translation_example
from gradus.reporting.fitted import fitted_table
from gradus.reporting.introduction import (
    best_language_model,
    headlines,
    note_on_models,
    notes_on_text,
    page_title,
    run_sentence,
)
from gradus.reporting.ladder_plots import draw_ladder
from gradus.reporting.language_models import generation_table, ladder_table
from gradus.reporting.mixtures import mixtures_table
from gradus.reporting.ngram_size_plots import draw_ngram_sizes
from gradus.reporting.ngrams import orders_table, sparsity_table
from gradus.reporting.order_plots import draw_orders
from gradus.reporting.page import Page, Part
from gradus.reporting.picture import Picture
from gradus.reporting.recipes import recipes_table
from gradus.reporting.repetition_plot import draw_repetition
from gradus.reporting.results import Results
from gradus.reporting.studies import draw_studies
from gradus.reporting.study_blocks import StudyBlock, study_blocks
from gradus.reporting.table import Table
from gradus.reporting.training import draw_training
from gradus.reporting.translation import translation_table
from gradus.reporting.translation_plots import draw_translation
from gradus.results.study import Topic
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
        tables += [ladder_table(results), mixtures_table(results), adapted_table(results)]
        tables.append(generation_table(results, strategies.lm))
    if results.smoothers:
        tables += [orders_table(results), sparsity_table(results), fitted_table(results)]
    if results.translators:
        tables.append(translation_table(results, strategies.mt))
    tables += [recipes_table(results.recipes), claims_table(results.studies), studies_table(results.studies)]
    tables += model_tables(results.studies, speed)
    return {table.name: table for table in tables if table.rows}


def draw(results: Results, strategies: Strategies, folder: Path) -> list[Picture]:
    """Write all plots as SVG files into a folder; return them in the order of the report."""
    pictures: list[Picture] = []
    if results.language_models:
        pictures += draw_ladder(results, folder)
    if results.smoothers:
        pictures += draw_orders(results, folder) + draw_ngram_sizes(results, folder)
    if results.translators:
        pictures += draw_translation(results, folder)
    if results.language_models:
        pictures += draw_repetition(results, folder, strategies.lm)
    return [*pictures, *draw_training(results, folder), *draw_studies(results, folder)]


def lay_out(results: Results, tables: Mapping[str, Table], pictures: Sequence[Picture], command: str) -> Page:
    """Return the page. A chapter appears if the run has the models that it is about, or results for it.

    Args:
        results: results of the models.
        tables: dict from table name to table.
        pictures: pictures of the run.
        command: command that computes the results again.
    """
    drawn = {picture.name: picture for picture in pictures}
    blocks = study_blocks(results.studies, drawn)
    parts = [_part(chapter, results, tables, drawn, blocks) for chapter in CHAPTERS if chapter.applies(results)]
    shown = [part for part in parts if not part.is_empty]
    return Page(page_title(results), run_sentence(results, command), headlines(results), shown)


def _part(
    chapter: Chapter,
    results: Results,
    tables: Mapping[str, Table],
    pictures: Mapping[str, Picture],
    blocks: Mapping[Topic, Sequence[StudyBlock]],
) -> Part:
    """Return a chapter with those planned tables, pictures and studies that exist in this run."""
    kinds = kinds_of(results)
    found = _matching(chapter.pictures, pictures)
    part = Part(
        chapter.key,
        chapter.title,
        ideas=[idea for idea in chapter.ideas if not idea.kinds or kinds & set(idea.kinds)],
        notes=note_on_models(results, chapter.networks),
        pictures=found[: chapter.shown],
        folded=found[chapter.shown :],
        studies=blocks.get(chapter.topic, []) if chapter.topic else [],
        tables=_matching(chapter.tables, tables),
    )
    if chapter.key == "prediction":
        return replace(part, notes=notes_on_text(results), line=line_example(results))
    if chapter.key == "ladder" and results.smoothers:  # the chapter of n-gram models has the idea of mixtures
        return replace(part, ideas=[])
    if chapter.key == "translation":
        return replace(part, translation=translation_example(results))
    if chapter.key == "decoding":
        best = best_language_model(results)
        return replace(part, texts=text_examples(results, best[0]) if best else None, all_texts=_generated(results))
    return part


_Item = TypeVar("_Item")


def _matching(patterns: Sequence[str], items: Mapping[str, _Item]) -> list[_Item]:
    """Return the items whose names match a pattern, in the order of the patterns."""
    names = dict.fromkeys(name for pattern in patterns for name in items if fnmatchcase(name, pattern))
    return [items[name] for name in names]


def _generated(results: Results) -> dict[str, str]:
    """Return a dict from `MODEL, STRATEGY` to the first text that the model generated with the strategy."""
    return {
        f"{name}, {strategy}": texts[0]
        for name, details in results.lm_details.items()
        for strategy, texts in details.texts.items()
        if texts
    }
