"""Open folders of trained models: n-gram models, neural language models and translation models."""
