"""Review of a pull request: compare the working tree with a commit, and find regressions."""
