"""Sources of text: a built-in grammar, public corpora, and the user's own text."""
