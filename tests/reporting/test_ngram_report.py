"""The report on n-gram models by order: growth, sparsity, and fitted parameters."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from result_cases import NO_LM_DETAILS, ngram_order, ngrams, score

from gradus.reporting.fitted import fitted_table
from gradus.reporting.ngram_size_plots import BYTES, ENTRIES, draw_ngram_sizes, scaled
from gradus.reporting.ngrams import sparsity_table
from gradus.reporting.results import Results
from gradus.reporting.series import write_series
from gradus.results.details import FittedByOrder
from gradus.results.files import parse_result
from gradus.results.language_model import NgramResult

Smoother = tuple[NgramResult, FittedByOrder]


def smoother(kind: str, fitted: dict[str, Any], size: int = 2500) -> Smoother:
    orders = {"1": ngram_order(score(40.0), 0.0, 50, 700), "2": ngram_order(score(20.0), 0.25, 1200, size)}
    return ngrams(orders, kind), parse_result(fitted, "fitted", FittedByOrder, remedy="")


def results(**smoothers: Smoother) -> Results:
    details = {name: replace(NO_LM_DETAILS, fitted=fitted) for name, (_, fitted) in smoothers.items()}
    return Results({name: result for name, (result, _) in smoothers.items()}, {}, {}, {}, details, {}, {}, {})


def rows(**smoothers: Smoother) -> list[list[str]]:
    return [list(row) for row in fitted_table(results(**smoothers)).rows]


def test_bytes_are_said_to_be_of_every_smoother_only_where_they_are() -> None:
    same = results(mle=smoother("mle", {}), katz=smoother("katz", {}))
    assert "this size is the same for every smoother." in sparsity_table(same).caption
    other = results(mle=smoother("mle", {}), katz=smoother("katz", {}, size=2501))
    assert "this size is that of the smoother mle." in sparsity_table(other).caption
    assert [list(row) for row in sparsity_table(other).rows] == [
        ["1", "50", "700", "0.0%"],
        ["2", "1,200", "2,500", "25.0%"],
    ]


@pytest.mark.parametrize(
    ("values", "units", "expected"),
    [
        ([0.0, 999.0], BYTES, ([0.0, 999.0], "bytes")),
        ([500.0, 1000.0], BYTES, ([0.5, 1.0], "kB")),
        ([7_003_404.0], BYTES, ([7.003404], "MB")),
        ([5e12], BYTES, ([5000.0], "GB")),  # there is no larger unit
        ([553.0, 146_505.0], ENTRIES, ([0.553, 146.505], ", thousands")),
    ],
)
def test_the_unit_leaves_the_greatest_value_at_one_or_more(
    values: list[float], units: tuple[str, ...], expected: tuple[list[float], str]
) -> None:
    assert scaled(values, units) == expected


def test_growth_is_drawn_and_kept_as_numbers(tmp_path: Path) -> None:
    found = results(mle=smoother("mle", {}))
    pictures = draw_ngram_sizes(found, tmp_path)
    assert [picture.name for picture in pictures] == ["unseen", "entries", "bytes"]
    assert {path.name for path in tmp_path.iterdir()} == {"unseen.svg", "entries.svg", "bytes.svg"}
    assert [picture.csv for picture in pictures] == [
        'order,"unseen, %"\n1,0\n2,25\n',
        "order,distinct n-grams\n1,50\n2,1200\n",
        "order,bytes\n1,700\n2,2500\n",
    ]
    write_series(found, tmp_path, [])
    series = (tmp_path / "sparsity.csv").read_text()
    assert series == "order,entries,bytes,unseen_share\n1,50,700,0\n2,1200,2500,0.25\n"


def test_discounts_are_named_by_what_they_apply_to() -> None:
    """Three numbers are D1, D2 and D3+ of Kneser-Ney, but the factors of the counts 1, 2 and 3 of Katz."""
    three = {"1": {"discounts": [0.5, 1.0, 1.5]}, "2": {"discounts": [0.75, 1.25, 1.5]}}
    assert rows(kn=smoother("modified_kneser_ney", three)) == [
        ["kn", "D1", "0.500", "0.750"],
        ["kn", "D2", "1.000", "1.250"],
        ["kn", "D3+", "1.500", "1.500"],
    ]
    assert [row[1] for row in rows(katz=smoother("katz", three))] == ["d1", "d2", "d3"]
    assert rows(kn=smoother("kneser_ney", {"2": {"discounts": [0.75]}})) == [["kn", "D", "–", "0.750"]]


def test_a_weight_is_that_of_the_bucket_that_the_count_falls_into() -> None:
    fitted = {
        "1": {"weights": [0.9], "least_count": [1.0]},
        "2": {"weights": [0.1, 0.2, 0.3], "least_count": [1.0, 10.0, 101.0]},  # 1 to 9, 10 to 100, 101 and more
    }
    assert rows(jm=smoother("jelinek_mercer", fitted)) == [
        ["jm", "λ(1)", "0.900", "0.100"],
        ["jm", "λ(10)", "0.900", "0.200"],
        ["jm", "λ(100)", "0.900", "0.200"],
        ["jm", "λ(1000)", "0.900", "0.300"],
    ]


def test_small_k_keeps_its_digits_and_what_has_no_parameters_has_no_row() -> None:
    fitted = {"1": {"k": [0.00012345]}, "2": {"k": [0.00012345]}}
    assert rows(add_k=smoother("additive", fitted), mle=smoother("mle", {})) == [["add_k", "k", "0.000123", "0.000123"]]
    assert rows(mle=smoother("mle", {})) == []
