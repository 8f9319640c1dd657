"""The training loop of all networks. It takes gradient steps, and keeps the weights of the best epoch."""

import math
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn

from gradus.errors import RunError
from gradus.progress import Track, silent
from gradus.training.checkpoint import Checkpoint
from gradus.training.clipping import Clipped, clipped_step
from gradus.training.optim import TrainingConfig, build_optimizer, learning_rate
from gradus.training.precision import require_precision, training_precision
from gradus.training.run import Epoch, Run, resume, save

Batch = TypeVar("Batch")

MARGIN_NATS = 1.0
"""Largest allowed difference between the best validation loss and the loss of a uniform guess, in nats per token.

If the difference is larger, the training has failed. The loss of most untrained networks is at most 0.3 above the loss
of a uniform guess, so a very short training on a small text passes. Only Transformers with tied weights start far above
this loss, by 9 nats at width 128 and by 26 nats at width 1024. At first they predict the token that they have just
read. They must train long enough to unlearn this. Label smoothing does not change the validation loss.
"""


class Task(Protocol[Batch]):
    """What the training loop needs from a model and its data: the batches, their loss, and the validation loss."""

    steps_per_epoch: int
    """Number of batches."""
    uniform_nats: float
    """Loss per token of a uniform guess: the natural logarithm of the number of tokens that can be predicted."""

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch.

        Their order depends only on the seed and the epoch, so that a killed run can continue.
        """
        ...

    def loss(self, batch: Batch) -> tuple[Tensor, int]:
        """Return the total loss of a batch in nats, as a differentiable scalar, and its number of tokens."""
        ...

    def validate(self) -> tuple[float, int]:
        """Return the total loss of the validation text in nats and its number of tokens, without dropout."""
        ...


def train(
    model: nn.Module,
    task: Task[Batch],
    config: TrainingConfig,
    *,
    checkpoint: Checkpoint | None = None,
    log: Callable[[str], None] = lambda line: None,
    track: Track = silent,
) -> list[Epoch]:
    """Train a model. At the end the model has the weights with the lowest validation loss.

    Every step computes the gradient of the mean loss per token in a batch. The optimizer gets the clipped gradient; see
    `clipped_step`.

    With a checkpoint, a killed run continues after its last finished epoch, and ends with the same bytes as a run that
    was not killed.

    Args:
        model: the model of `task`, which is changed in place.
        task: batches, loss and validation.
        config: settings of the optimizer, the schedule, the clipping, and the end of the training.
        checkpoint: file for the state between epochs; None for no checkpoint.
        log: function that receives one line per epoch.
        track: function that shows the progress within an epoch.
    Returns:
        One `Epoch` per epoch, with its losses and gradient norms.
    Raises:
        InputError: if the precision has no kernels; see `require_precision`.
        RunError: if a loss, a gradient or a weight is not finite, or if the validation loss is too high (see
            `MARGIN_NATS`).
    """
    require_precision(config.precision, next(model.parameters()).device)
    run = Run(model, build_optimizer(model, config))
    if checkpoint is not None:
        resume(run, checkpoint, log)
    while not _finished(run, config):
        run.epochs.append(_epoch(run, task, config, track))
        if run.best_epoch == len(run.epochs) - 1:
            _require_finite(model, run.epochs[-1])
            # The weights are copied, because the optimizer changes them in place.
            run.best = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
        log(_log_line(run))
        if checkpoint is not None:
            save(run, checkpoint)
    # The limit is checked only at the end, because a training may start above it and still succeed.
    _refuse_divergence(run, task.uniform_nats, config)
    model.load_state_dict(run.best)
    return run.epochs


def _finished(run: Run, config: TrainingConfig) -> bool:
    done = len(run.epochs)
    return done >= config.epochs or (done > 0 and done - 1 - run.best_epoch >= config.patience)


def _require_finite(model: nn.Module, epoch: Epoch) -> None:
    """Refuse weights that are infinite or NaN.

    If the validation text does not use these weights, the validation loss can still be finite.
    """
    broken = [name for name, tensor in model.state_dict().items() if not torch.isfinite(tensor).all()]
    if broken:
        raise RunError(
            f"the weight {broken[0]} is not finite after step {epoch.step} (learning rate {epoch.learning_rate:.3g}, "
            f"largest gradient norm {epoch.gradient_norm_max:.3g}); lower learning_rate, or set clip"
        )


def _refuse_divergence(run: Run, uniform_nats: float, config: TrainingConfig) -> None:
    best = run.valid_nats[run.best_epoch]
    if best > uniform_nats + MARGIN_NATS:
        raise RunError(
            f"the training failed: its best validation loss, {best:.4g} nats per token, is more than {MARGIN_NATS:g} "
            f"above the loss of a uniform guess, ln V = {uniform_nats:.4g} (learning rate {config.learning_rate:.3g}, "
            f"{run.epochs[-1].step} steps). If the loss rose during training, lower learning_rate. If the loss was "
            f"still falling, raise epochs. Otherwise compare the validation text with the training text."
        )


def _epoch(run: Run, task: Task[Batch], config: TrainingConfig, track: Track) -> Epoch:
    """Train one epoch, and compute the validation loss."""
    run.model.train()
    number = len(run.epochs)
    first, total = number * task.steps_per_epoch, config.epochs * task.steps_per_epoch
    nats, tokens, rate = 0.0, 0, 0.0
    gradients: list[Clipped] = []
    batches = track(task.batches(number), f"epoch {number + 1} of {config.epochs}", task.steps_per_epoch)
    for step, batch in enumerate(batches, start=first):
        rate = learning_rate(config, step, total, run.valid_nats)
        nll_nats, n_tokens, gradient = training_step(run, task, batch, rate, config)
        if not (math.isfinite(nll_nats) and math.isfinite(gradient.norm)):
            raise RunError(
                f"the loss is not finite at step {step + 1} (loss {nll_nats / n_tokens}, learning rate {rate:.3g}, "
                f"gradient norm {gradient.norm}); lower learning_rate, or set clip"
            )
        nats, tokens = nats + nll_nats, tokens + n_tokens
        gradients.append(gradient)
    run.model.eval()
    valid_nats, valid_tokens = task.validate()
    if not math.isfinite(valid_nats):
        raise RunError(f"the validation loss is {valid_nats} after step {first + len(gradients)}; lower learning_rate")
    return Epoch(
        step=first + len(gradients),
        train_nats_per_token=nats / tokens,
        valid_nats_per_token=valid_nats / valid_tokens,
        learning_rate=rate,
        gradient_norm_mean=sum(gradient.norm for gradient in gradients) / len(gradients),
        gradient_norm_max=max(gradient.norm for gradient in gradients),
        clipped_norm_mean=sum(gradient.clipped_norm for gradient in gradients) / len(gradients),
        clipped_share=sum(gradient.clipped for gradient in gradients) / len(gradients),
    )


def training_step(
    run: Run, task: Task[Batch], batch: Batch, rate: float, config: TrainingConfig
) -> tuple[float, int, Clipped]:
    """Take one optimizer step.

    Returns:
        First, the total loss of the batch in nats, before the step. Second, its number of tokens. Third, the norms of
        the gradient, before and after clipping.
    """
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    run.optimizer.zero_grad(set_to_none=True)
    with training_precision(config.precision, next(run.model.parameters()).device):
        nll_nats, n_tokens = task.loss(batch)
    # The gradient is that of the mean over tokens, so that the right learning rate does not depend on the batch size.
    (nll_nats / n_tokens).backward()  # type: ignore[no-untyped-call]
    gradient = clipped_step(run.optimizer, config.clip_by, config.clip)
    return nll_nats.item(), n_tokens, gradient


def _log_line(run: Run) -> str:
    epoch = run.epochs[-1]
    perplexity = math.exp(min(epoch.valid_nats_per_token, 700.0))  # exp(710) overflows
    form = ".2f" if perplexity < 1e9 else ".2e"
    mark = " *" if run.best_epoch == len(run.epochs) - 1 else ""
    return (
        f"epoch {len(run.epochs)}: train {epoch.train_nats_per_token:.4f} valid {epoch.valid_nats_per_token:.4f} "
        f"nats/token, valid perplexity {perplexity:{form}}, gradient norm {epoch.gradient_norm_mean:.2f}{mark}"
    )
