"""gradus corpus: register corpora of your own, and list all corpora."""

from gradus.cli import corpus_add, corpus_list, corpus_remove
from gradus.command import new_app, with_errors

app = new_app("Register corpora of your own, and list all corpora that params.yaml can name.")
app.command("add")(with_errors(corpus_add.main))
app.command("list")(with_errors(corpus_list.main))
app.command("remove")(with_errors(corpus_remove.main))
