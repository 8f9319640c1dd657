"""The same on a GPU: runs repeat to the byte, and scores agree with the CPU's. Skipped without one."""

import numpy as np
import pytest
import torch

from gradus.decoding.hypothesis import Request
from gradus.decoding.sample import Sample
from gradus.evaluation.adaptation.dynamic import differentiable_copy
from gradus.evaluation.adaptation.statistics import gradient_rms
from gradus.evaluation.neural import ScoringConfig, stream_nats
from gradus.layers.recurrence.gru import GRUConfig
from gradus.layers.recurrence.lstm import LSTMConfig
from gradus.networks.language_models.build import build_lm
from gradus.networks.language_models.step import LanguageModelStep
from gradus.networks.language_models.transformer import TransformerConfig
from gradus.runtime import RuntimeConfig, prepare
from gradus.text.special import EOS_ID
from gradus.training.lm import LMTask, LMTrainingConfig
from gradus.training.loop import train
from gradus.training.penalties import Penalties

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]

V = 20
LSTM = LSTMConfig(
    kind="lstm", embedding=16, hidden=16, layers=2, dropout=0.1, tied=False, initial="uniform", skip="none"
)
GRU = GRUConfig(
    kind="gru",
    reset="before",
    embedding=16,
    hidden=16,
    layers=1,
    dropout=0.1,
    tied=True,
    initial="uniform",
    skip="none",
)
TRANSFORMER = TransformerConfig(
    kind="transformer",
    width=16,
    heads=2,
    layers=1,
    feedforward=32,
    positions="learned",
    window=16,
    dropout=0.1,
    tied=True,
)
TRAINING = LMTrainingConfig(
    optimizer="adamw", learning_rate=0.01, weight_decay=0.01, schedule="cosine", warmup_steps=5, precision="float32",
    average="none", clip_by="norm", clip=1.0, epochs=2, patience=2, batch=4, chunk=8, carry_state=True,
    chunk_jitter=0.0, penalties=Penalties(activation=0.0, temporal=0.0), read="stream",
)  # fmt: skip
SCORING = ScoringConfig(stride=8, chunk=32, batch=4)


def text(lines: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([np.append(rng.integers(4, V, rng.integers(1, 9)), EOS_ID) for _ in range(lines)])


@pytest.mark.parametrize("config", [LSTM, GRU, TRANSFORMER], ids=lambda config: config.kind)
def test_training_repeats_and_scores_agree_with_the_cpu(config: LSTMConfig | GRUConfig | TransformerConfig) -> None:
    weights = []
    for _ in range(2):
        device = prepare(RuntimeConfig(seed=1, threads=1, device="cuda", numerics="portable"))
        model = build_lm(config, V).to(device)
        train(model, LMTask(model, text(200), text(20), TRAINING, seed=1), TRAINING)
        weights.append({name: tensor.cpu() for name, tensor in model.state_dict().items()})
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    on_gpu = stream_nats(model.eval(), text(20), SCORING)
    np.testing.assert_allclose(on_gpu, stream_nats(model.cpu(), text(20), SCORING), atol=1e-4)


def test_sampling_repeats() -> None:
    device = prepare(RuntimeConfig(seed=1, threads=1, device="cuda", numerics="portable"))
    step = LanguageModelStep(build_lm(LSTM, V).to(device).eval())
    request = Request(batch=3, max_length=20, stop_at_eos=False, device=device)
    nucleus = Sample(kind="sample", temperature=1.0, top_k=0, top_p=0.9)
    drawn = [nucleus.decode(step, request, torch.Generator(device).manual_seed(1)) for _ in range(2)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("config", [LSTM, GRU, TRANSFORMER])
def test_gradients_without_dropout_agree_with_the_cpu(config: LSTMConfig | GRUConfig | TransformerConfig) -> None:
    """In evaluation mode cuDNN has no gradients; dynamic evaluation needs them."""
    model, ids = build_lm(config, V).eval(), text(20)
    here = gradient_rms(differentiable_copy(model), ids, batch=4, segment=5)
    there = gradient_rms(differentiable_copy(model.cuda()), ids, batch=4, segment=5)
    for cpu, gpu in zip(here, there, strict=True):
        torch.testing.assert_close(gpu.cpu(), cpu, rtol=1e-3, atol=1e-6)
