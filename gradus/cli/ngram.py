"""gradus ngram: build, import and export n-gram models outside the pipeline."""

from gradus.cli import ngram_build, ngram_export, ngram_import
from gradus.command import new_app, with_errors

app = new_app("Build n-gram models from text files, and exchange n-gram models with other toolkits.")
app.command("build", cls=ngram_build.BuildCommand)(with_errors(ngram_build.main))
app.command("export")(with_errors(ngram_export.main))
app.command("import")(with_errors(ngram_import.main))
