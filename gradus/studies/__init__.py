"""Studies: named experiments that answer one question, with seeds, confidence intervals and verdicts."""
