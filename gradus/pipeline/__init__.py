"""The DVC pipeline: parallel runs, recipes, remotes, repair and verification."""
