"""Tokenizers: whole words, or subword pieces by SentencePiece; each is a folder of files."""
