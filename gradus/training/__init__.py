"""Training: the loop, optimizers, schedules and checkpoints, and the losses and batches of both kinds of models."""
