"""gradus recipe: named experiments, which run in copies of the repository."""

from gradus.cli import recipe_export, recipe_list, recipe_new, recipe_run, recipe_show
from gradus.command import new_app, with_errors

app = new_app(
    "Named experiments. A recipe changes params.yaml and runs in copies of the repository, so that the results of "
    "params.yaml stay as they are."
)
app.command("list")(with_errors(recipe_list.main))
app.command("new")(with_errors(recipe_new.main))
app.command("show")(with_errors(recipe_show.main))
app.command("run")(with_errors(recipe_run.main))
app.command("export")(with_errors(recipe_export.main))
