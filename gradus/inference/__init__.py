"""Use of trained models: generate, complete, translate and score text."""
