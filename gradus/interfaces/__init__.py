"""Interfaces of models, and the losses of next-token prediction: training, decoding and evaluation know no more."""
