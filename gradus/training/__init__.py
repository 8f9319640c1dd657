"""Training: the loop, schedules, checkpoints, and the tasks of language models and translation models."""
