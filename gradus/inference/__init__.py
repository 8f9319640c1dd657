"""Use trained models: generate, complete, translate and score text."""
