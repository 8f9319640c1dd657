"""Neural language models: fixed window, recurrent, Transformer."""
