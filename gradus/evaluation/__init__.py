"""Score models on test text.

A mean is computed from the sum and the count over the whole text, not from means of batches.
"""
