"""Run the DVC pipeline: parallel stages, recipes, the remote, repair and verification of results."""
