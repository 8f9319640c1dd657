"""Tables, plots and one page, made from metrics and benchmark results."""
