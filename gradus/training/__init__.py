"""Training of language models and of translation models: the loop, optimizers, schedules and checkpoints."""
