"""A grammar that generates English sentences with German translations; the entropy of this text is known exactly."""
