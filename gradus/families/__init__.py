"""Open the folders of models: n-grams, neural language models, translation models."""
