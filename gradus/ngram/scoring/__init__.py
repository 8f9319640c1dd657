"""Score texts with n-gram models, as a whole or one token at a time; write the models, and open them."""
