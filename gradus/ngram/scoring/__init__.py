"""Score texts with n-gram models: compiled look-ups, whole texts, and one token at a time."""
