"""Stages of the pipeline in `dvc.yaml`: each a thin command over the library."""
