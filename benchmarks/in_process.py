"""Measure the speed of n-gram models that are already open in this process."""

import statistics
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import measure, rate
from benchmarks.programs import has_kenlm, open_model
from gradus.corpora.files import read_blocks, read_lines
from gradus.inference.scoring import block_size
from gradus.ngram.scoring.model import NgramModel
from gradus.ngram.threads import in_threads


def score_in_process(text: Path, folder: Path, runs: int) -> dict[str, Any]:
    """Measure how many tokens of the training text an open model scores per second."""
    model, tokenizer = open_model(folder / "model")
    lines, blocks = read_lines(text), list(read_blocks(text, size=block_size(tokenizer.size)))
    ids = np.concatenate([tokenizer.encode_block(block) for block in blocks])

    def from_text() -> None:
        for _ in in_threads(lambda block: model.log_probs(tokenizer.encode_block(block)), blocks):
            pass

    ours = {
        "gradus_ids": rate(lambda: model.log_probs(ids), len(ids), runs),
        "gradus_text": rate(from_text, len(ids), runs),
        "gradus_lines": rate(lambda: model.log_probs(tokenizer.encode_lines(lines)), len(ids), runs),
    }
    return {**ours, **_kenlm_rates(text, folder, len(ids), runs)} if has_kenlm() else ours


def _kenlm_rates(text: Path, folder: Path, n_tokens: int, runs: int) -> dict[str, Any]:
    """Measure the speed of KenLM's program `query`, and of KenLM's Python module if it is installed."""
    # `query` reports only total time, so subtract its time for an empty line, which is the time for loading
    empty = folder / "empty.txt"
    query: list[str | Path] = ["query", "-v", "summary", folder / "kenlm.bin"]
    empty.write_text("\n")
    load, whole = (statistics.median(measure(query, stdin=path).seconds for _ in range(runs)) for path in (empty, text))
    theirs = {"query": {"per_second": round(n_tokens / (whole - load)), "load_seconds": round(load, 3)}}
    try:
        import kenlm
    except ImportError:
        return theirs
    model, lines = kenlm.Model(str(folder / "kenlm.bin")), read_lines(text)
    return {**theirs, "kenlm_module": rate(lambda: sum(map(model.score, lines)), n_tokens, runs)}


def step_in_process(folder: Path, runs: int) -> dict[str, Any]:
    """Measure how many next-token distributions a model computes per second, in batches of 128 histories."""
    import torch

    from gradus.ngram.scoring.step import NgramStep

    model, _ = open_model(folder)
    step = NgramStep(model)
    random = np.random.default_rng(1)
    # two extreme cases: random words mostly back off, and sampled text has histories with many continuations
    random_words = torch.from_numpy(random.integers(4, model.vocabulary_size, (20, 128)))
    sampled = _sampled_tokens(model, 20, 128)

    def feed(rows: torch.Tensor) -> None:
        state = step.start(rows.shape[1])
        for row in rows:
            _, state = step.step(row, state)

    return {
        "vocabulary": model.vocabulary_size,
        "random_words": rate(lambda: feed(random_words), random_words.numel(), runs),
        "drawn_text": rate(lambda: feed(sampled), sampled.numel(), runs),
    }


def _sampled_tokens(model: NgramModel, steps: int, rows: int) -> Any:
    """Sample text from the model; return the token ids of the text, shape (steps, rows)."""
    import torch

    from benchmarks.sampling import draw

    ids = np.concatenate(list(draw(model, steps * rows, seed=1)))
    return torch.from_numpy(ids.reshape(rows, steps).T.copy())
