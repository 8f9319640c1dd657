"""The console script `gradus`. Each subcommand has a file in this folder."""

from gradus.cli import (
    ci,
    ci_runner,
    complete,
    corpus,
    dependencies,
    mend,
    models,
    ngram,
    pull,
    readme,
    recipe,
    repro,
    score,
    study,
    table,
    translate,
    verify,
)
from gradus.cli import next as next_command
from gradus.cli.strategy_command import StrategyCommand, TranslationCommand
from gradus.cli.version import Version
from gradus.command import new_app, with_errors

MODELS, PIPELINE, UPKEEP = "Use models", "Train models and compare results", "Keep the repository in order"
"""Headings in `gradus --help`."""

app = new_app(
    "Train and compare language and translation models, from n-gram counts to attention, on any corpus.",
    completion=True,
)


@app.callback()
def main(version: Version = False) -> None:
    """Show the help, or the versions."""


app.command("models", rich_help_panel=MODELS)(with_errors(models.main))
app.command("next", rich_help_panel=MODELS)(with_errors(next_command.main))
app.command("complete", cls=StrategyCommand, rich_help_panel=MODELS)(with_errors(complete.main))
app.command("translate", cls=TranslationCommand, rich_help_panel=MODELS)(with_errors(translate.main))
app.command("score", rich_help_panel=MODELS)(with_errors(score.main))
app.command("repro", rich_help_panel=PIPELINE)(with_errors(repro.main))
app.command("table", rich_help_panel=PIPELINE)(with_errors(table.main))
app.add_typer(recipe.app, name="recipe", rich_help_panel=PIPELINE)
app.command("study", rich_help_panel=PIPELINE)(with_errors(study.main))
app.command("pull", rich_help_panel=PIPELINE)(with_errors(pull.main))
app.command("verify", rich_help_panel=UPKEEP)(with_errors(verify.main))
app.command("mend", rich_help_panel=UPKEEP)(with_errors(mend.main))
app.command("readme", rich_help_panel=UPKEEP)(with_errors(readme.main))
app.command("dependencies", rich_help_panel=UPKEEP)(with_errors(dependencies.main))
app.add_typer(corpus.app, name="corpus", rich_help_panel=PIPELINE)
app.add_typer(ngram.app, name="ngram", rich_help_panel=MODELS)
ci_runner.add_to(ci.app)
app.add_typer(ci.app, name="ci", rich_help_panel=UPKEEP)

if __name__ == "__main__":
    app()
