"""gradus ngram: n-gram models outside the pipeline."""

from gradus.command import new_app

app = new_app("n-gram models outside the pipeline: from a text file, to and from other toolkits.")
