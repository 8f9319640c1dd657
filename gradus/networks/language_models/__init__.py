"""Neural language models: fixed-window, recurrent and Transformer models."""
