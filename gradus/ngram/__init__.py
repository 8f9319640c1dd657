"""n-gram language models: counts, smoothers, scores."""
