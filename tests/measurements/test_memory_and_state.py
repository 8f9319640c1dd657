"""How long a network's memory is, and what a carried state is worth."""

from pathlib import Path

import numpy as np
import pytest
import torch
from measured_models import NETWORKS, RUNTIME, network_subject, write_network

from gradus.artifacts.seals import write_seal
from gradus.errors import InputError
from gradus.evaluation.neural import ScoringConfig, stream_nats
from gradus.measurements.memory import MemoryConfig, measure_memory, memory_length
from gradus.measurements.opening import open_subject
from gradus.measurements.state import StateConfig, measure_state
from gradus.text.special import EOS_ID
from gradus.text.token_ids import read_ids
from gradus.weights import NETWORK

SCORING = ScoringConfig(stride=4, chunk=16, batch=7)
LENGTHS = [1, 2, 3, 4, 8, 16]


def memory(tokens: int = 1000, lengths: list[int] = LENGTHS) -> MemoryConfig:
    return MemoryConfig(kind="memory", lengths=lengths, tokens=tokens, threshold=1e-4, scoring=SCORING)


def state(*chunks: int, columns: int = 5) -> StateConfig:
    return StateConfig(kind="state", chunks=list(chunks), batch=3, columns=columns)


def test_a_fixed_window_remembers_its_window_and_no_more(tmp_path: Path) -> None:
    measured = measure_memory(network_subject(tmp_path, "ffnn"), memory())
    assert measured["memory_length"] <= NETWORKS["ffnn"]["window"]  # type: ignore[operator]
    same = [abs(each - measured["full_nats"]) < 1e-6 for each in measured["nats"]]  # type: ignore[operator, union-attr]
    assert same == [False, False, True, True, True, True]


def test_a_context_beyond_a_transformer_s_window_is_the_whole_one(tmp_path: Path) -> None:
    subject = network_subject(tmp_path, "transformer")
    measured = measure_memory(subject, memory())
    nats = dict(zip(LENGTHS, measured["nats"], strict=True))  # type: ignore[arg-type]
    assert nats[16] == nats[8] == measured["full_nats"] != nats[4]


def test_a_short_context_costs_what_the_network_gives_after_just_these_tokens(tmp_path: Path) -> None:
    subject = network_subject(tmp_path, "gru")
    ids = read_ids(subject.tokens, "test").astype(np.int64)
    measured = measure_memory(subject, memory(tokens=len(ids), lengths=[1, 3]))
    model, total = subject.model.model(torch.device("cpu")), 0.0
    read = np.concatenate([[EOS_ID], ids])
    for place in range(2, len(ids)):
        with torch.inference_mode():
            logits, _ = model(torch.from_numpy(read[None, place - 2 : place + 1]), model.initial_state(1))
        total -= float(logits[0, -1].log_softmax(0)[ids[place]])
    assert measured["tokens"] == len(ids) - 2
    assert measured["nats"][1] == pytest.approx(total / (len(ids) - 2), abs=1e-5)  # type: ignore[index]
    assert measured["full_nats"] == pytest.approx(stream_nats(model, ids, SCORING)[2:].mean())


def test_the_scored_tokens_are_bounded(tmp_path: Path) -> None:
    assert measure_memory(network_subject(tmp_path, "gru"), memory(tokens=10))["tokens"] == 10


def test_a_length_counts_only_if_no_longer_one_costs_more() -> None:
    assert memory_length([1, 2, 4], [0.0, 0.5, 0.0], 0.01) == {"memory_length": 4}
    assert memory_length([1, 2, 4], [0.5, 0.005, -0.2], 0.01) == {"memory_length": 2}
    assert memory_length([1, 2], [0.0, 0.01], 0.01) == {"longer_than": 2}


def test_a_text_shorter_than_the_context_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least 1000 test tokens, the longest context, found"):
        measure_memory(network_subject(tmp_path, "gru"), memory(lengths=[1, 1000]))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_chunk_as_long_as_the_text_is_a_carried_state_and_one_token_is_a_context_of_one(
    name: str, tmp_path: Path
) -> None:
    subject = network_subject(tmp_path, name)
    size = len(read_ids(subject.tokens, "test"))
    measured = measure_state(subject, state(1, size, 10 * size))
    reset, one = measured["reset_nats"], measure_memory(subject, memory(tokens=size, lengths=[1]))
    assert reset[1:] == [measured["carried_nats"]] * 2  # type: ignore[index]
    assert reset[0] == pytest.approx(one["nats"][0], abs=1e-6)  # type: ignore[index]
    assert reset[0] != pytest.approx(measured["carried_nats"], abs=1e-3)  # type: ignore[index]


def test_the_carried_state_gives_the_stream_s_score_whatever_the_columns(tmp_path: Path) -> None:
    subject = network_subject(tmp_path, "gru")
    stream = stream_nats(subject.model.model(torch.device("cpu")), read_ids(subject.tokens, "test"), SCORING).mean()
    for columns in (1, 1000):
        measured = measure_state(subject, state(6, columns=columns))
        assert measured["carried_nats"] == pytest.approx(stream, abs=1e-6)


def test_a_model_of_another_tokenizer_is_refused(tmp_path: Path) -> None:
    subject = network_subject(tmp_path, "gru")
    config = subject.model.path / "config.json"
    text = config.read_text().replace(subject.model.tokenizer_sha256, "other")
    write_network(tmp_path / "second", "gru", subject.tokens)
    (tmp_path / "second/config.json").write_text(text)
    write_seal(tmp_path / "second", NETWORK)
    with pytest.raises(InputError, match="SHA-256 other"):
        open_subject(tmp_path / "second", subject.tokens, RUNTIME)
