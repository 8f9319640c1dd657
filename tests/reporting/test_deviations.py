"""Deviations over seeds in the tables of the models, from the recipe `seeds`."""

from pathlib import Path
from typing import Any

import pytest
from report_cases import NAMES, files, write

from gradus.reporting.language_models import ladder_table
from gradus.reporting.results import read_results
from gradus.reporting.table import Table
from gradus.reporting.translation import translation_table


def seeds(perplexity: float = 12.0, bleu: float = 25.0, **changes: Any) -> dict[str, Any]:
    """Return a result of the recipe `seeds`; run 1 has these scores of the stream and of beam search."""
    network = {"line": {"perplexity": 15.0}, "stream": {"perplexity": perplexity}}
    plain = {"greedy": {"bleu": 25.0}, "beam": {"bleu": bleu}}
    own = {
        "lm": {"lstm": {"test": network}},
        "mt": {"plain": {"teacher_forced": {"perplexity": 2.0}, "strategies": plain}},
    }
    deviation = {
        "lm": {"lstm": {"test": {"line": {"perplexity": 0.064}, "stream": {"perplexity": 0.5}}}},
        "mt": {"plain": {"teacher_forced": {"perplexity": 0.03}, "strategies": {"beam": {"bleu": 1.16}}}},
    }
    runs = [{"seed": 1, "metrics": own, "origin": {"commit": "c"}}, {"seed": 2}, {"seed": 3}]
    return {"seeds": [1, 2, 3], "deviation": deviation, "runs": runs} | changes


def tables(folder: Path, recipe: dict[str, Any]) -> tuple[Table, Table]:
    write(folder, files() | {"recipes/seeds": recipe})
    found = read_results(folder / "metrics", NAMES)
    return ladder_table(found), translation_table(found, ["greedy", "beam"])


def test_the_tables_show_the_deviation_of_models_that_the_recipe_trained(tmp_path: Path) -> None:
    ladder, translation = tables(tmp_path, seeds())
    rows = {row[0]: row for row in ladder.rows}
    assert rows["lstm"][1:3] == ["15.00 ± 0.06", "12.00 ± 0.50"]
    assert rows["modified_kneser_ney"][1] == "20.00", "the recipe does not have this model"
    cells = {(row[0], row[1]): (row[2], row[-1]) for row in translation.rows}
    assert cells["plain", "beam"] == ("25.0 ± 1.2", "2.00 ± 0.03")
    assert cells["plain", "greedy"] == ("25.0", "2.00 ± 0.03"), "no deviation of greedy BLEU"
    assert cells["attention", "beam"] == ("40.0", "2.00")
    for table in (ladder, translation):
        assert "sample standard deviation over the 3 seeds of the recipe seeds" in table.caption


@pytest.mark.parametrize(
    "recipe",
    [
        seeds(perplexity=12.000001, bleu=25.000001),
        seeds(seeds=[2, 3]),
        seeds(apart={"code": [1]}),
        seeds(deviation={}),
        seeds(runs=[]),
    ],
    ids=["other scores", "not averaged", "several versions of the code", "one seed", "an old file"],
)
def test_deviations_of_other_code_or_parameters_are_not_shown(tmp_path: Path, recipe: dict[str, Any]) -> None:
    for table in tables(tmp_path, recipe):
        assert "±" not in table.markdown()
