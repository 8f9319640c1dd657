"""Neural translation models: recurrent encoder-decoders and the Transformer."""
