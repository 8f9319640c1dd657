"""Interfaces of models, and losses of next-token prediction.

Training, decoding and evaluation use models only through these interfaces.
"""
