"""Tokenizers, token ids, and batches of token ids."""
