"""The tables of the committed benchmarks."""

from pathlib import Path
from typing import Any

from gradus.artifacts.json_files import write_json
from gradus.reporting.benchmarks import benchmark_tables
from gradus.reporting.lm_benchmarks import draw_quality, read_quality

MACHINE = {"processor": "a processor", "cores": 2, "memory_gib": 24}


def compared(kenlm: bool) -> dict[str, Any]:
    """Return a result; ratios: (3 + 1) / 0.5, (2 + 1) / 0.5, 900 / 300, 150 / 300, 50 / 40, 10 / 4, 10 / 5, 20 / 5."""
    build: dict[str, Any] = {"gradus": {"median_seconds": 0.5, "peak_mib": 300, "model_mib": 40.0}}
    score: dict[str, Any] = {"gradus_text": {"per_second": 10_000_000}, "gradus_ids": {"per_second": 20_000_000}}
    if kenlm:
        build |= {"lmplz": {"median_seconds": 3.0, "peak_mib": 900}}
        build |= {"lmplz_small": {"median_seconds": 2.0, "peak_mib": 150}}
        build |= {"build_binary": {"median_seconds": 1.0, "model_mib": 50.0}}
        score |= {"query": {"per_second": 4_000_000}, "kenlm_module": {"per_second": 5_000_000}}
    step = {"drawn_text": {"per_second": 200_000}}
    return {"machine": MACHINE, "build": build, "score_in_process": score, "step": step}


def test_ratios_are_of_medians_and_the_machine_is_named(tmp_path: Path) -> None:
    write_json(tmp_path / "ngram_ptb.json", compared(kenlm=True))
    (table,) = benchmark_tables(tmp_path).values()
    assert [row[4] for row in table.rows] == ["8.0", "6.0", "3.0", "0.5", "1.2", "2.5", "2.0", "4.0", "–"]
    assert table.rows[0][:4] == ["ptb", "build, seconds", "0.50", "4.00"]
    assert "2 cores of a processor, 24 GiB" in table.caption


def test_without_kenlm_there_are_no_ratios(tmp_path: Path) -> None:
    write_json(tmp_path / "ngram_own.json", compared(kenlm=False))
    (table,) = benchmark_tables(tmp_path).values()
    assert {(row[3], row[4]) for row in table.rows} == {("–", "–")}


def test_growth_is_a_row_for_every_length(tmp_path: Path) -> None:
    assert benchmark_tables(tmp_path) == {}
    memory, files = {"seconds": 1.25, "peak_mib": 200, "own_mib": 180}, {"seconds": 1.5, "peak_mib": 210, "own_mib": 60}
    size = {
        "million_tokens": 1,
        "ngrams": [400_000, 600_000],
        "in_memory": memory,
        "in_files": files,
        "model_mib": 41.5,
    }
    write_json(tmp_path / "ngram_growth.json", {"machine": MACHINE, "sizes": [size]})
    (table,) = benchmark_tables(tmp_path).values()
    assert [list(row) for row in table.rows] == [["1", "1.0", "1.2", "200", "1.5", "60", "42"]]


def test_opening_is_a_row_for_every_size(tmp_path: Path) -> None:
    models = [{"model_mib": 207.4, "median_milliseconds": {"verified": 128.4, "no_verify": 35.2}}]
    write_json(tmp_path / "ngram_opening.json", {"machine": MACHINE, "runs": 21, "models": models})
    (table,) = benchmark_tables(tmp_path).values()
    assert [list(row) for row in table.rows] == [["207", "128", "35"]]


def cost(batch: int, chunk: int, **more: Any) -> dict[str, Any]:
    speeds = {"tokens_per_second": 40_000, "tokens_per_cpu_second": 50_000, "spread": 0.034, "peak_mib": 12.3}
    return {"batch": batch, "chunk": chunk, **speeds, **more}


SETTINGS = {"machine": MACHINE, "threads": 1, "vocabulary_size": 556, "runs": 5}


def test_training_speed_is_a_row_for_every_network(tmp_path: Path) -> None:
    networks = [cost(16, 32, name="lstm", parameters=274_988)]
    write_json(tmp_path / "training_speed.json", {**SETTINGS, "networks": networks})
    (table,) = benchmark_tables(tmp_path).values()
    assert [list(row) for row in table.rows] == [["lstm", "274,988", "40,000", "50,000", "3.4%", "12.3"]]
    assert "5 runs in turn with 1 thread, on 2 cores of a processor" in table.caption and "556 types" in table.caption


def test_chunk_speed_is_seconds_per_100_000_tokens(tmp_path: Path) -> None:
    """100,000 / 40,000 and 100,000 / 50,000 seconds."""
    groups = {"equal_step": [cost(128, 4)], "equal_batch": [cost(16, 4)]}
    write_json(tmp_path / "chunk_speed.json", {**SETTINGS, "name": "lstm", **groups})
    (table,) = benchmark_tables(tmp_path).values()
    assert [list(row) for row in table.rows] == [
        ["tokens per step", "4", "128", "512", "2.50", "2.00", "3.4%", "12.3"],
        ["batch", "4", "16", "64", "2.50", "2.00", "3.4%", "12.3"],
    ]
    assert "the network lstm" in table.caption


RUN = {"seconds": [50.0], "peak_mib": 400}
PRODUCTS = {"float32": 200.0, "bfloat16": 400.0}


def lm_speed(*, peer: bool) -> dict[str, Any]:
    def programs(*perplexities: float) -> dict[str, Any]:
        extra = {"valid_perplexity": list(perplexities)} if perplexities else {}
        made = {name: {**RUN, "median_seconds": value, **extra} for name, value in (("float32", 50), ("bfloat16", 40))}
        return {**made, "peer": {**RUN, "median_seconds": 60.0, **extra}} if peer else made

    both = {"epoch": programs(190.0, 190.0, 196.0), "large_steps": programs()}
    return {"machine": MACHINE, "threads": 2, "product_gflop_per_second": PRODUCTS, **both} | {
        "epoch_tokens": 100_000,
        "step_tokens": 210_000,
    }


def test_language_models_are_compared_with_the_example(tmp_path: Path) -> None:
    write_json(tmp_path / "lm_speed.json", lm_speed(peer=True))
    (table,) = benchmark_tables(tmp_path).values()
    what = "one epoch, LSTM 2 x 200"
    assert [list(row) for row in table.rows[:3]] == [
        [what, "gradus, float32", "50.0", "2,000", "1.20", "400", "192.0"],
        [what, "gradus, bfloat16", "40.0", "2,500", "1.50", "400", "192.0"],
        [what, "example", "60.0", "1,667", "–", "400", "192.0"],
    ]
    assert [row[-1] for row in table.rows[3:]] == ["–"] * 3


def test_without_the_example_there_are_no_ratios(tmp_path: Path) -> None:
    write_json(tmp_path / "lm_speed.json", lm_speed(peer=False))
    (table,) = benchmark_tables(tmp_path).values()
    assert [(row[1], row[4]) for row in table.rows] == [("gradus, float32", "–"), ("gradus, bfloat16", "–")] * 2


def test_operations_stand_beside_those_of_a_large_product(tmp_path: Path) -> None:
    rate = {"kind": "lstm", "precision": "bfloat16", "tokens_per_second": 12_000, "gflop_per_second": 300.0}
    settings = {"machine": MACHINE, "threads": 2, "product_gflop_per_second": PRODUCTS}
    write_json(tmp_path / "lm_rates.json", {**settings, "networks": [rate]})
    (table,) = benchmark_tables(tmp_path).values()
    assert list(table.rows[0]) == ["lstm", "bfloat16", "12,000", "300", "75.0%"]
    assert "200 in float32, 400 in bfloat16" in table.caption


def points(*pairs: tuple[float, float]) -> list[dict[str, float]]:
    return [{"seconds": seconds, "valid_perplexity": perplexity} for seconds, perplexity in pairs]


def test_perplexities_by_time_are_compared_at_the_epochs_of_the_example(tmp_path: Path) -> None:
    curves = {"gradus": points((60, 150), (110, 120), (170, 130)), "example": points((50, 200), (115, 150), (200, 140))}
    write_json(tmp_path / "lm_quality.json", {"machine": MACHINE, "threads": 2, **curves})
    (table,) = benchmark_tables(tmp_path).values()
    assert [list(row) for row in table.rows] == [
        ["50", "200.0", "–", "–"],
        ["115", "150.0", "120.0", "20.0%"],
        ["200", "140.0", "120.0", "14.3%"],
    ]
    result = read_quality(tmp_path)
    assert result is not None
    draw_quality(result, tmp_path / "lm_quality.svg")
    drawn = (tmp_path / "lm_quality.svg").read_text()
    assert "gradus" in drawn and "example" in drawn and "validation perplexity" in drawn


def test_without_the_example_gradus_alone_is_drawn(tmp_path: Path) -> None:
    write_json(
        tmp_path / "lm_quality.json", {"machine": MACHINE, "threads": 2, "gradus": points((60, 150), (110, 120))}
    )
    (table,) = benchmark_tables(tmp_path).values()
    assert [list(row) for row in table.rows] == [["60", "–", "150.0", "–"], ["110", "–", "120.0", "–"]]
    result = read_quality(tmp_path)
    assert result is not None
    draw_quality(result, tmp_path / "lm_quality.svg")
    assert "example" not in (tmp_path / "lm_quality.svg").read_text()
