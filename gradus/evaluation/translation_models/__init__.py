"""Evaluate translation models: BLEU and chrF of translations, and cross-entropy of the references."""
