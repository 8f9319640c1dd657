"""Scores of an n-gram model after seen and unseen histories."""

from pathlib import Path

import numpy as np
import pytest
from measured_models import write_tokens

from gradus.families.ngrams import open_ngrams
from gradus.measurements.contexts import ContextsConfig, measure_contexts
from gradus.measurements.file import Measured
from gradus.measurements.ngram_subject import NgramSubject, open_ngram_subject
from gradus.text.special import BOS_ID
from gradus.text.token_ids import read_ids, split_lines
from stages.count_ngrams import main as count
from stages.smooth_ngrams import main as smooth

ORDER = 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random text and its n-gram models by three smoothers."""
    folder = tmp_path_factory.mktemp("contexts")
    write_tokens(folder / "tokens")
    params = folder / "params.yaml"
    kinds = (
        "mle: {kind: mle}\n  katz: {kind: katz, threshold: 5}\n  stupid_backoff: {kind: stupid_backoff, factor: 0.4}"
    )
    params.write_text(f"numerics: portable\ncount_ngrams: {{order: {ORDER}}}\nsmooth_ngrams:\n  {kinds}\n")
    count(tokens=folder / "tokens", counts=folder / "counts", params=params)
    for name in ("mle", "katz", "stupid_backoff"):
        smooth(name, counts=folder / "counts", tokens=folder / "tokens", models=folder / "lm", params=params)
    return folder


def subject(folder: Path, name: str) -> NgramSubject:
    return open_ngram_subject(folder / "lm" / name, folder / "tokens")


def measure(folder: Path, name: str, block: int = 3) -> Measured:
    return measure_contexts(subject(folder, name), ContextsConfig(kind="contexts", block=block))


def by_hand(folder: Path, order: int) -> tuple[list[bool], list[bool]]:
    """Say of every test token whether its history, and whether its n-gram, occurs in the training text."""
    texts = {name: split_lines(read_ids(folder / "tokens", name)) for name in ("train", "test")}
    lines = {name: [[BOS_ID, *map(int, line)] for line in text] for name, text in texts.items()}
    known = {tuple(line[i:j]) for line in lines["train"] for j in range(len(line) + 1) for i in range(max(0, j - 6), j)}
    places = [(line, at) for line in lines["test"] for at in range(1, len(line))]
    histories = [tuple(line[max(0, at - order + 1) : at]) for line, at in places]
    ngrams = [tuple(line[max(0, at - order + 1) : at + 1]) for line, at in places]
    return [each in known for each in histories], [each in known for each in ngrams]


@pytest.mark.parametrize("order", range(2, ORDER + 1))
def test_seen_and_unseen_are_what_a_search_of_the_training_text_finds(folder: Path, order: int) -> None:
    measured = measure(folder, "katz")
    seen, stored = (np.array(each) for each in by_hand(folder, order))
    nats = -open_ngrams(folder / "lm/katz").model(ORDER).log_probs(read_ids(folder / "tokens", "test"))
    assert measured[f"seen_share_{order}"] == seen.mean()
    assert measured[f"unseen_share_{order}"] == (~stored).mean()
    assert sum(measured[f"blocks_unseen_{order}"]) == (~stored).sum()  # type: ignore[arg-type]
    assert measured[f"seen_nats_{order}"] == pytest.approx(nats[seen].mean())
    assert measured.get(f"unseen_nats_{order}") == (pytest.approx(nats[~seen].mean()) if (~seen).any() else None)
    assert not seen.all() or order < ORDER, "the text must have unseen histories"


@pytest.mark.parametrize("name", ["mle", "katz", "stupid_backoff"])
def test_the_blocks_sum_to_the_whole_text(folder: Path, name: str) -> None:
    ids = read_ids(folder / "tokens", "test")
    measured = measure(folder, name)
    scores = -subject(folder, name).model.model().log_probs(ids)
    finite = scores[np.isfinite(scores)]
    seen, unseen = (np.array([measured[f"blocks_{kind}_{what}"] for what in ("tokens", "nats", "zeros")])
                    for kind in ("seen", "unseen"))  # fmt: skip
    tokens, nats, zeros = (seen + unseen).sum(axis=1)
    assert seen.shape[1] == 7, "twenty lines in blocks of three"
    assert (tokens, zeros) == (len(ids), len(scores) - len(finite))
    assert nats == pytest.approx(finite.sum())
    assert (seen + unseen)[0].tolist() == measured["blocks_tokens"]
    assert [measured["zero_tokens_seen"], measured["zero_tokens_unseen"]] == [seen[2].sum(), unseen[2].sum()]
    assert measured["seen_share"] == measured[f"seen_share_{ORDER}"] == seen[0].sum() / len(ids)


def test_maximum_likelihood_gives_zero_to_every_token_after_an_unseen_history(folder: Path) -> None:
    measured = measure(folder, "mle")
    assert measured["blocks_unseen_zeros"] == measured["blocks_unseen_tokens"]
    assert measured["zero_tokens_unseen"] > 0 and "unseen_nats" not in measured  # type: ignore[operator]
    assert measured["zero_tokens_seen"] + measured["zero_tokens_unseen"] == sum(  # type: ignore[operator]
        measured[f"blocks_unseen_{ORDER}"]  # type: ignore[arg-type]
    )
