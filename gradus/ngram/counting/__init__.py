"""Count the n-grams of every order in a text; check the counts, and write them to a folder."""
