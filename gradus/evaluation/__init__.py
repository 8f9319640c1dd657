"""Score models on test text. Sums and counts are added up first and divided once at the end."""
