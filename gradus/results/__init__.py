"""Types of all result files. Stages write result files; the report and the review read them."""
