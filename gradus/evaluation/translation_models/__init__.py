"""Evaluation of translation models: BLEU, chrF, teacher-forced scores."""
