"""Chapters, examples and headlines of the page, from made-up metrics."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from report_cases import NAMES, STRATEGIES, files, write
from result_cases import NO_LM_DETAILS, NO_MT_DETAILS, network, score
from study_cases import claim, estimate, result

from gradus.choices import kind_of
from gradus.layers.recurrence.table import RECURRENCES
from gradus.mixtures.config import Kind
from gradus.networks.language_models.build import LANGUAGE_MODELS
from gradus.ngram.smoothing.smoothers import SMOOTHERS
from gradus.reporting.chapters import CHAPTERS, RECURRENT
from gradus.reporting.contents import draw, lay_out, tabulate
from gradus.reporting.examples import LEVELS, line_example, text_examples, translation_example
from gradus.reporting.introduction import best_language_model, headlines, note_on_models, notes_on_text, page_title
from gradus.reporting.page import Page, write_page
from gradus.reporting.results import Results, read_results
from gradus.reporting.study_blocks import study_blocks
from gradus.results.details import ScoredLine, TranslatedSentence


@pytest.fixture
def found(tmp_path: Path) -> Results:
    write(tmp_path, files())
    return read_results(tmp_path / "metrics", NAMES)


def page_of(found: Results, folder: Path) -> Page:
    return lay_out(found, tabulate(found, STRATEGIES), draw(found, STRATEGIES, folder), "dvc repro")


def scored(*probabilities: float) -> ScoredLine:
    return ScoredLine(pieces=["a", "b"][: len(probabilities)], probabilities=list(probabilities))


def with_lines(found: Results, **lines: list[ScoredLine]) -> Results:
    details = {name: replace(NO_LM_DETAILS, examples=lines.get(name, [])) for name in found.language_models}
    return replace(found, lm_details=details)


def test_chapters_are_those_of_the_models_that_ran(found: Results, tmp_path: Path) -> None:
    assert [part.key for part in page_of(found, tmp_path).parts] == [
        "prediction", "ladder", "n-grams", "recurrence", "training", "translation", "decoding",
    ]  # fmt: skip
    only_smoothers = replace(found, networks={}, translators={}, mt_details={})
    only_smoothers = replace(only_smoothers, lm_details={name: found.lm_details[name] for name in found.smoothers})
    page = page_of(only_smoothers, tmp_path)
    assert [part.key for part in page.parts] == ["prediction", "ladder", "n-grams", "decoding"]
    write_page(tmp_path / "index.html", page, tmp_path)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert not re.search("LSTM|Transformer|BLEU|attention|encoder|recurrent", text)


def test_an_idea_appears_if_a_model_of_its_kind_ran(found: Results, tmp_path: Path) -> None:
    parts = {part.key: part for part in page_of(found, tmp_path).parts}
    assert [idea.title for idea in parts["recurrence"].ideas] == ["Long short-term memory (LSTM)"]
    assert [idea.title for idea in parts["n-grams"].ideas] == ["Counting", "Kneser-Ney smoothing"]


def test_every_kind_of_model_has_an_idea() -> None:
    known = {kind for chapter in CHAPTERS for idea in chapter.ideas for kind in idea.kinds}
    assert known >= set(get_args(Kind))
    assert known >= {kind_of(each) for each in (*SMOOTHERS, *LANGUAGE_MODELS)} - {"mle"}  # MLE is plain counting
    assert {kind_of(each) for each in RECURRENCES} == set(RECURRENT)


def test_every_chapter_has_its_own_anchor_and_every_formula_is_mathml(found: Results, tmp_path: Path) -> None:
    assert len({chapter.key for chapter in CHAPTERS}) == len(CHAPTERS)
    page = page_of(found, tmp_path)
    ideas = [idea for chapter in CHAPTERS for idea in chapter.ideas]
    page = replace(page, parts=[replace(page.parts[0], ideas=ideas)])
    write_page(tmp_path / "index.html", page, tmp_path)
    formulas = re.findall(r"<math.*?</math>", (tmp_path / "index.html").read_text(encoding="utf-8"), re.DOTALL)
    assert len(formulas) == len(ideas)
    assert not [formula for formula in formulas if "\\" in re.sub("<[^>]*>", "", formula)]  # unknown commands


def test_the_example_is_the_line_on_which_the_models_differ_most(found: Results) -> None:
    models = with_lines(
        found,
        mle=[scored(0.5, 0.5), scored(0.5, 0.0)],  # infinite on the second line
        modified_kneser_ney=[scored(0.5, 0.25), scored(0.5, 0.5)],  # differs from mle by ln 2 on the first line
        lstm=[scored(0.5, 0.5), scored(0.25, 0.125)],  # and by 3 ln 2 from Kneser-Ney on the second
    )
    example = line_example(models)
    assert example is not None
    assert {name: value for name, (_, value) in example.rows.items()} == {
        "mle": "∞",
        "modified_kneser_ney": "2.0",
        "lstm": "5.7",  # (4 * 8) ** (1 / 2)
    }
    cells, _ = example.rows["mle"]
    assert [(cell.text, cell.level) for cell in cells] == [("50", round(LEVELS / 2)), ("0", 0)]


def test_models_that_were_evaluated_on_other_lines_have_no_example(found: Results) -> None:
    other = ScoredLine(pieces=["x", "y"], probabilities=[0.5, 0.5])
    assert line_example(with_lines(found, mle=[scored(0.5, 0.5)], lstm=[other])) is None
    assert line_example(with_lines(found)) is None
    tiny = with_lines(found, mle=[ScoredLine(pieces=["x"], probabilities=[5e-324])])
    example = line_example(tiny)
    assert example is not None and example.rows["mle"][1] == "∞"  # e ** 744 is too large for a float


def test_the_translated_sentence_is_the_one_with_the_most_different_translations(found: Results) -> None:
    def sentences(*hypotheses: str) -> list[TranslatedSentence]:
        return [
            TranslatedSentence(source=f"source {k}", hypothesis=text, reference="r")
            for k, text in enumerate(hypotheses)
        ]

    details = {
        "plain": replace(NO_MT_DETAILS, translations=sentences("a", "b", "c")),
        "attention": replace(NO_MT_DETAILS, translations=sentences("a", "x", "c")),
    }
    example = translation_example(replace(found, mt_details=details))
    assert example is not None
    assert (example.source, dict(example.hypotheses)) == ("source 1", {"plain": "b", "attention": "x"})
    assert translation_example(replace(found, mt_details={})) is None


def test_texts_are_cut_after_two_lines(found: Results) -> None:
    details = {"lstm": replace(NO_LM_DETAILS, texts={"greedy": ["a\nb\nc\nd"], "beam": ["e\n"], "none": []})}
    examples = text_examples(replace(found, lm_details=details), "lstm")
    assert examples is not None and dict(examples.texts) == {"greedy": "a\nb …", "beam": "e"}
    assert text_examples(found, "unknown") is None


def test_headlines_name_the_best_models(found: Results) -> None:
    assert best_language_model(found) == ("lstm", 12.0)
    values = {headline.name: (headline.value, headline.note) for headline in headlines(found)}
    assert values["Language"][0] == "12.00" and "no model can expect less than 8.00" in values["Language"][1]
    assert values["Translation"][0] == "40.0" and "attention" in values["Translation"][1]
    assert "Claims" not in values


def test_notes_mention_only_what_the_run_has(found: Results) -> None:
    assert any("floor" in note for note in notes_on_text(found))
    models = {name: replace(model, floors={}) for name, model in found.smoothers.items()}
    lines_only = replace(found, smoothers=models, networks={})
    assert not [note for note in notes_on_text(lines_only) if "floor" in note or "Stream" in note]
    assert notes_on_text(replace(found, smoothers={}, networks={})) == []
    (note,) = note_on_models(found, ["lstm"])
    assert "**lstm** 15.00 by line, 12.00 by stream" in note and "modified_kneser_ney, has 20.00" in note
    assert note_on_models(found, ["gru"]) == []
    unscored = replace(found, networks={"lstm": network({"line": score(15.0)})}, smoothers={})
    assert note_on_models(unscored, ["lstm"]) == ["Test perplexity in this run: **lstm** 15.00 by line."]


def test_the_title_names_models_and_corpora(found: Results) -> None:
    corpus = found.networks["lstm"].corpus
    assert page_title(replace(found, translators={})) == f"Language models: {corpus}"
    assert page_title(replace(found, smoothers={}, networks={}, translators={})) == "Results: none"


def test_a_chapter_shows_the_studies_of_its_topics_with_a_verdict_per_corpus() -> None:
    other = replace(estimate(0.3, 0.9), corpus="other")
    studies = {
        "mine": replace(result(claim(estimate(0.2, 0.0001), other)), topic="window"),
        "another": result(claim(estimate(0.2, 0.0001))),
    }
    (block,) = study_blocks(studies, {})["window"]
    (findings,) = block.claims.values()
    assert [(finding.corpus, finding.verdict) for finding in findings] == [("text", "holds"), ("other", "undecided")]
    assert findings[0].effect == "0.2000 nats per token (0.1000 to 0.3000)"
    assert block.seeds == {"text": 3, "other": 3}
