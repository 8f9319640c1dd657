"""What the report holds and in which order."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gradus.reporting.claims import claims_table
from gradus.reporting.fitted import fitted_table
from gradus.reporting.language_models import draw_language_models, generation_table, ladder_table
from gradus.reporting.ngrams import draw_ngrams, orders_table, sparsity_table
from gradus.reporting.page import Section
from gradus.reporting.recipes import recipes_table
from gradus.reporting.results import Results, get
from gradus.reporting.table import Table
from gradus.reporting.training import draw_training
from gradus.reporting.translation import draw_translation, translation_table

Strategies = Mapping[str, Sequence[str]]


def tabulate(results: Results, strategies: Strategies) -> dict[str, Table]:
    """Return the tables of the tracks that were run, by name."""
    tables = []
    if results.language_models:
        tables += [ladder_table(results), generation_table(results, strategies["lm"])]
    if results.smoothers:
        tables += [orders_table(results), sparsity_table(results)]
        tables += [fitted] if (fitted := fitted_table(results)).rows else []
    if results.translators:
        tables.append(translation_table(results, strategies["mt"]))
    tables += [recipes_table(results.recipes), claims_table(results)]
    return {table.name: table for table in tables}


def draw(results: Results, strategies: Strategies, folder: Path) -> None:
    """Write every plot into a folder."""
    if results.language_models:
        draw_language_models(results, folder, strategies["lm"])
    if results.smoothers:
        draw_ngrams(results, folder)
    if results.translators:
        draw_translation(results, folder)
    draw_training(results, folder)


def lay_out(results: Results, tables: Mapping[str, Table], plots: Path) -> tuple[str, list[Section]]:
    """Return the page's introduction and its sections; what was not run has none."""
    sections = [_section(number, results, tables, plots) for number in range(len(_PARTS))]
    first = next(iter(results.language_models.values()), {})
    introduction = (
        f"One run of the pipeline with one seed, on the corpus “{get(first, 'corpus') or 'unknown'}” as params.yaml "
        "names it. Every number is from metrics/, which dvc repro makes again."
    )
    return introduction, [section for section in sections if section.tables or section.plots or section.samples]


_Part = tuple[str, str, Sequence[str], Sequence[str], Callable[[Results], Mapping[str, Sequence[str]]] | None]


def _section(number: int, results: Results, tables: Mapping[str, Table], plots: Path) -> Section:
    title, text, table_names, patterns, samples = _PARTS[number]
    return Section(
        title,
        text,
        [tables[name] for name in table_names if name in tables],
        [path for pattern in patterns for path in sorted(plots.glob(f"{pattern}.svg"))],
        samples(results) if samples else None,
    )


def _generated(results: Results) -> dict[str, list[str]]:
    """Return the first generated text of every model and strategy."""
    return {
        f"{name}, {strategy}": texts[:1]
        for name in results.language_models
        for strategy, texts in (get(results.details[f"lm/{name}"], "texts") or {}).items()
    }


def _translated(results: Results) -> dict[str, list[str]]:
    """Return the same source sentences in every model's translation."""
    return {
        name: [f"{s['source']}\n→ {s['hypothesis']}\n= {s['reference']}" for s in found]
        for name in results.translators
        if (found := get(results.details[f"mt/{name}"], "translations"))
    }


_PARTS: tuple[_Part, ...] = (
    ("The ladder", "Every family scores the same test text.", ["ladder"], ["ladder"], None),
    ("Claims", "What the lecture says, and what came out here.", ["claims"], [], None),
    ("n-grams", "What longer contexts and better smoothing buy, and what they cost.", ["orders", "sparsity"],
     ["orders", "unseen", "entries", "bytes"], None),
    ("Speed", "The n-gram engine beside KenLM, and on longer and longer texts.",
     ["ngram_speed", "ngram_opening", "ngram_growth"], [], None),
    ("Smoothing", "What the smoothers took from the text.", ["fitted"], [], None),
    ("Training", "Validation loss and gradient norm.", [], ["loss_*", "gradient_*"], None),
    ("Translation", "One vector for a sentence, attention, self-attention.", ["translation"],
     ["bleu_by_length", "attention_*"], _translated),
    ("Generated text", "What each decoding strategy makes of each model.", ["generation"], ["repetition"], _generated),
    ("Recipes", "Other corpora, and several seeds, by gradus recipe.", ["recipes"], [], None),
)  # fmt: skip
