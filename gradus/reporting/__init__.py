"""Tables, plots and the page, from metrics alone."""
