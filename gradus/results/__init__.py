"""Types of everything that the pipeline measures: the stages write them, the report and the review read them."""
