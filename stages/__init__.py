"""Stages of the pipeline in `dvc.yaml`. Each stage is a short command that calls the library `gradus`."""
