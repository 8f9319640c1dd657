"""n-gram language models: counting, smoothing, scoring, ARPA files; what they share lies beside these rooms."""
