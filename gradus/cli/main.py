"""The console script `gradus`. Each subcommand has a file in this folder."""

from gradus.cli import (
    ci,
    ci_runner,
    complete,
    dependencies,
    mend,
    ngram,
    pull,
    readme,
    recipe,
    repro,
    score,
    table,
    translate,
    verify,
)
from gradus.cli.strategy_options import StrategyCommand
from gradus.command import new_app, with_errors

app = new_app("Train and compare language and translation models, from n-gram counts to attention, on any corpus.")
app.command("repro")(with_errors(repro.main))
app.command("table")(with_errors(table.main))
app.command("complete", cls=StrategyCommand)(with_errors(complete.main))
app.command("score")(with_errors(score.main))
app.command("translate")(with_errors(translate.main))
app.command("pull")(with_errors(pull.main))
app.command("mend")(with_errors(mend.main))
app.command("verify")(with_errors(verify.main))
app.command("readme")(with_errors(readme.main))
app.command("dependencies")(with_errors(dependencies.main))
app.add_typer(recipe.app, name="recipe")
app.add_typer(ngram.app, name="ngram")
ci_runner.add_to(ci.app)
app.add_typer(ci.app, name="ci")

if __name__ == "__main__":
    app()
