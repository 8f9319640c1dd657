"""The training loop of all networks. It takes gradient steps, and keeps the weights of the best epoch."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn

from gradus.errors import RunError
from gradus.progress import Track, silent
from gradus.training.averaging import RunningAverage
from gradus.training.checkpoint import Checkpoint
from gradus.training.clipping import Clipped, clipped_step
from gradus.training.data_parallel import backward, own_random_numbers
from gradus.training.optim import TrainingConfig, build_optimizers, learning_rate
from gradus.training.parts import Part
from gradus.training.precision import require_precision, training_precision
from gradus.training.run import Epoch, EpochSums, Run
from gradus.training.saving import Saver

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
    parts: Mapping[str, Part]
    """Dict from names to the parts of the training's state that belong to the task, such as a carried hidden state."""

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch, without the first `start` batches. Of several processes, each has its rows.

        Their order depends only on the seed and the epoch, so that a killed run can continue. If `start` is not 0, the
        `parts` are restored before.
        """
        ...

    def rate_factor(self, batch: Batch) -> float:
        """Return the factor of the learning rate for a batch."""
        ...

    def loss(self, batch: Batch) -> tuple[Tensor, int]:
        """Return the total loss of a batch in nats, as a differentiable scalar, and its number of tokens."""
        ...

    def validate(self) -> tuple[float, int]:
        """Return the total loss of the validation text in nats and its number of tokens, without dropout.

        Several processes share the text, and all return the total.
        """
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

    With a checkpoint, a killed run continues after the step at which its state was last saved, and ends with the same
    bytes as a run that was not killed. A run that fails keeps its last good state.

    Args:
        model: the model of `task`, which is changed in place.
        task: batches, loss and validation.
        config: settings of the optimizer, the schedule, the clipping, and the end of the training.
        checkpoint: file for the state of the training; None for no checkpoint.
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
    run = Run(model, build_optimizers(model, config), RunningAverage(model, config.average, config.epochs))
    saver = Saver(run, task.parts, task.steps_per_epoch, checkpoint)
    saver.restore(log)
    try:
        while not _finished(run, config):
            _train_epoch(run, task, config, track, saver)
            _end_epoch(run, task)
            log(_log_line(run))
            saver.write_history()
            saver.save_when_due()
        saver.save()
        # The limit is checked only at the end, because a training may start above it and still succeed.
        _refuse_divergence(run, task.uniform_nats, config)
    except RunError as error:
        raise saver.explained(error) from None
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


def _train_epoch(run: Run, task: Task[Batch], config: TrainingConfig, track: Track, saver: Saver) -> None:
    """Take the steps of an epoch that are not finished yet."""
    run.model.train()
    number, done = len(run.epochs), run.sums.steps
    total = config.epochs * task.steps_per_epoch
    title = f"epoch {number + 1} of {config.epochs}"
    for batch in track(task.batches(number, done), title, task.steps_per_epoch - done):
        rate = learning_rate(config, run.step, total, run.valid_nats) * task.rate_factor(batch)
        nll_nats, n_tokens, gradient = training_step(run, task, batch, rate, config)
        if not (math.isfinite(nll_nats) and math.isfinite(gradient.norm)):
            raise RunError(
                f"the loss is not finite at step {run.step + 1} (loss {nll_nats / n_tokens}, learning rate {rate:.3g}, "
                f"gradient norm {gradient.norm}); lower learning_rate, or set clip"
            )
        run.average.update(number, run.valid_nats)
        run.sums.add(nll_nats, n_tokens, gradient, rate)
        saver.save_when_due()


def _end_epoch(run: Run, task: Task[Batch]) -> None:
    """Compute the validation loss of the averaged weights, and keep these weights if they are the best so far."""
    run.model.eval()
    with run.average.applied():
        _validate(run, task)


def _validate(run: Run, task: Task[Batch]) -> None:
    valid_nats, valid_tokens = task.validate()
    if not math.isfinite(valid_nats):
        raise RunError(
            f"the validation loss is {valid_nats} after step {run.step} (learning rate {run.sums.learning_rate:.3g}, "
            f"largest gradient norm {run.sums.norm_max:.3g}); lower learning_rate, or set clip"
        )
    run.epochs.append(run.sums.epoch(run.step, valid_nats / valid_tokens))
    run.sums = EpochSums()
    if run.best_epoch == len(run.epochs) - 1:
        _require_finite(run.model, run.epochs[-1])
        # The weights are copied, because the optimizer changes them in place.
        run.best = {name: tensor.detach().clone() for name, tensor in run.model.state_dict().items()}


def training_step(
    run: Run, task: Task[Batch], batch: Batch, rate: float, config: TrainingConfig
) -> tuple[float, int, Clipped]:
    """Take one optimizer step.

    Returns:
        First, the total loss of the batch in nats, before the step. Second, its number of tokens. Third, the norms of
        the gradient, before and after clipping.
    """
    for optimizer in run.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
    weights = [weight for weight in run.model.parameters() if weight.requires_grad]
    with own_random_numbers(), training_precision(config.precision, weights[0].device):
        own_nats, own_tokens = task.loss(batch)
    # The gradient is that of the mean over tokens, so that the right learning rate does not depend on the batch size.
    nll_nats, n_tokens = backward(weights, own_nats, own_tokens)
    gradient = clipped_step(run.optimizers, config.clip_by, config.clip)
    return nll_nats, n_tokens, gradient


def _log_line(run: Run) -> str:
    epoch = run.epochs[-1]
    perplexity = math.exp(min(epoch.valid_nats_per_token, 700.0))  # exp(710) overflows
    form = ".2f" if perplexity < 1e9 else ".2e"
    mark = " *" if run.best_epoch == len(run.epochs) - 1 else ""
    return (
        f"epoch {len(run.epochs)}: train {epoch.train_nats_per_token:.4f} valid {epoch.valid_nats_per_token:.4f} "
        f"nats/token, valid perplexity {perplexity:{form}}, gradient norm {epoch.gradient_norm_mean:.2f}{mark}"
    )
