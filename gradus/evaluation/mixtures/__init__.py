"""Score texts with mixtures of language models, and fit their weights."""
