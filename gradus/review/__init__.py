"""What a pull request moves, and whether that is a regression: the working tree against a commit."""
