"""Tables and plots of made-up results of studies."""

from dataclasses import replace
from pathlib import Path

import pytest
from readers import drawn, tabled
from study_cases import claim, estimate, result, shown_study

from gradus.reporting.claims import claims_table, figure, model_tables, studies_table
from gradus.reporting.results import Results
from gradus.reporting.studies import draw_studies
from gradus.reporting.table import Table
from gradus.results.study import Cell, StudyResult, StudyRow


def test_each_claim_has_a_row_with_effect_interval_verdict_and_study() -> None:
    table = claims_table({"mine": shown_study()})
    better, nothing, grows = ([str(cell) for cell in row] for row in table.rows)
    sides = "perplexity of one (line): 20.00; perplexity of two (line): 25.00"
    link = "[mine](../../experiments/studies/mine.yaml)"
    # 0.001 * 2 is the smallest p-value that is not exact; its replication 0.002 * 3 is significant, too.
    effect = f"0.2000 nats per token (margin 0.05000); {sides}"
    over = "3 seeds, 20 blocks"
    assert better == ["One is better.", "text", effect, "0.1000 to 0.3000", over, "holds", "holds", link]
    assert nothing[5:7] == ["*undecided*", "–"]
    # e^0.7 = 2.0138: ratios are shown, not their logarithms
    assert grows[2:6] == ["2.014 times; one x: 1.700; two x: 1.000", "exact", "3 seeds", "holds"]


def test_a_refuted_claim_says_so_and_may_be_replicated_otherwise() -> None:
    again = replace(claim(estimate(-0.2, 0.001)), replications=[estimate(0.2, 0.001)])
    (row,) = claims_table({"mine": result(again)}).rows
    assert list(row[5:7]) == ["**fails**", "holds"]


def test_the_verdict_of_a_study_depends_on_the_others() -> None:
    doubtful = result(claim(estimate(0.2, 0.03)))
    alone = claims_table({"a": doubtful})
    together = claims_table({"a": doubtful, "b": result(claim(estimate(0.2, 0.03)))})
    assert [row[5] for row in alone.rows] == ["holds"]
    assert [row[5] for row in together.rows] == ["*undecided*"] * 2  # 2 * 0.03 > 0.05


def test_only_the_rows_of_one_study_are_kept() -> None:
    table = claims_table({"mine": shown_study(), "mine_too": shown_study()})
    assert len(table.rows) == 6
    own = table.only("study", "mine")
    assert [row[7] for row in own.rows] == ["[mine](../../experiments/studies/mine.yaml)"] * 3
    assert (own.columns, own.caption) == (table.columns, table.caption)
    plain = Table("t", "", ["model", "score"], [["lstm", "1"], ["gru", "2"], ["lstm", "3"]])
    assert plain.only("model", "lstm").rows == [["lstm", "1"], ["lstm", "3"]]


def test_text_of_a_study_is_shown_as_it_is() -> None:
    page = tabled(claims_table({"mine": shown_study()}).markdown())
    assert "Nothing <b>is</b> sure." in page.texts["td"] and "b" not in page.texts
    hostile = replace(shown_study(), question="<script>a</script> | *b*\n| c |", formula="[x](y)")
    page = tabled(studies_table({"mine": hostile}).markdown())
    assert "<script>a</script> | *b*\\n| c |" in page.texts["td"] and "[x](y)" in page.texts["td"]
    assert page.texts["a"] == ["mine", "gradus/training/lm.py"]
    assert page.texts["td"][-1] == "text 12"  # minutes


def test_a_table_of_models_shows_deviations_and_gaps() -> None:
    (table,) = model_tables({"mine": shown_study(), "none": replace(shown_study(), rows=[])})
    assert table.name == "study_mine"
    assert list(table.columns) == ["corpus", "model", "perplexity", "weights"]
    assert [list(row) for row in table.rows] == [
        ["text", "one", "20.00 ± 0.2500", "4,321"],
        ["text", "two", "–", "–"],
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (12345.6, "12,346"),
        (123.456, "123.5"),
        (-1.23456, "-1.235"),
        (0.00123456, "0.001235"),
        (1e-300, "1e-300"),
        (1e15, "1e+15"),
    ],
)
def test_figures_have_about_four_digits(value: float, shown: str) -> None:
    assert figure(value) == shown


def test_enormous_ratios_are_infinite() -> None:
    (row,) = claims_table({"mine": result(claim(estimate(1e14, 0.0), ratio=True))}).rows
    assert row[2].startswith("∞ times; ") and row[3] == "∞ to ∞"


def test_a_plot_is_drawn_for_each_corpus(tmp_path: Path) -> None:
    (plot,) = shown_study().plots["window"]
    both = replace(shown_study(), plots={"window": [plot, replace(plot, corpus="other", x="$x^$\u202e")]})
    draw_studies(Results({}, {}, {}, {}, {}, {}, {}, {"mine": both}), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "study_mine_window_other.svg",
        "study_mine_window_text.svg",
    ]
    assert not any("\u202e" in drawn(path) for path in tmp_path.iterdir())


def test_cells_of_whole_numbers_have_no_decimals() -> None:
    cells = {"a": Cell(mean=1000.0, deviation=0.0), "b": Cell(mean=2.5), "c": Cell(mean=-3.0, deviation=1.0)}
    study: StudyResult = replace(result(), rows=[StudyRow(corpus="text", model="one", cells=cells)])
    ((*_, a, b, c),) = model_tables({"mine": study})[0].rows
    assert (a, b, c) == ("1,000", "2.500", "-3.000 ± 1.000")
