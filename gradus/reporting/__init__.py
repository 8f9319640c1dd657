"""Report of the pipeline: tables, plots and one HTML page, made from the result files."""
