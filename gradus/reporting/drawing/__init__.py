"""Draw plots: lines, rows, bars and matrices, their legends, colours and texts. Nothing here knows a result."""
