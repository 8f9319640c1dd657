"""Training: the loop, its schedules and checkpoints; architectures come in as modules."""
