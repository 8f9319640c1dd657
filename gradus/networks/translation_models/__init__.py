"""Neural translation models: recurrent encoder-decoders and the encoder-decoder Transformer."""
