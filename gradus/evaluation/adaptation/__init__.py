"""Score texts with networks that adapt to the text: with a cache of earlier tokens, or by dynamic evaluation."""
