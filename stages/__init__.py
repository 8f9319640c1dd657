"""Stages of the pipeline in `dvc.yaml`; each is a thin command over the library."""
