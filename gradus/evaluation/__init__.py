"""Score models on test text. A mean is the sum over the whole text, divided once by the count over the whole text."""
