"""Training: the loop, optimizers, schedules, checkpoints, and the tasks of language and translation models."""
