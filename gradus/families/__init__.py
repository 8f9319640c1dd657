"""Model folders by family: n-grams, neural language models, translation models."""
