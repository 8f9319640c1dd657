"""Tokenizers, token ids, and batches of them."""
