"""gradus: language models from n-gram counts to attention, step by step, on any corpus.

    import gradus

    model = gradus.load("models/lm/lstm")
    model.score("The king sleeps .").perplexity
    model.next("The king", top=5)
    model.complete("The king", "nucleus", top_p=0.8)
    gradus.load("models/mt/attention").translate("The king sleeps.")

The pipeline in `dvc.yaml` uses this library too. Only the commands in `stages/` and `gradus/cli/` print text, parse
arguments and choose paths.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

from gradus.numerics import set_variables

if TYPE_CHECKING:
    from gradus.api import LanguageModel, Model, TranslationModel, load
    from gradus.errors import InputError, RunError
    from gradus.inference.next_tokens import NextToken
    from gradus.inference.scoring import TextScore
    from gradus.inference.text_translation import Translation

    __version__: str

__all__ = [
    "InputError",
    "LanguageModel",
    "Model",
    "NextToken",
    "RunError",
    "TextScore",
    "Translation",
    "TranslationModel",
    "__version__",
    "load",
]

# Waiting threads must sleep, not spin: beside other load, two spinning threads were seventy times slower than one.
# OpenMP reads this once, so it is set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# GNU's OpenMP spins this number of times, some microseconds, before a thread sleeps. Without it, two threads need 94 ms
# for a training step that takes 78 ms with it; beside two busy processes, it changes nothing.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

# Without a workspace per stream, the order of cuBLAS's additions may differ from run to run.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

set_variables()

_HOMES = {
    "InputError": "gradus.errors",
    "LanguageModel": "gradus.api",
    "Model": "gradus.api",
    "NextToken": "gradus.inference.next_tokens",
    "RunError": "gradus.errors",
    "TextScore": "gradus.inference.scoring",
    "Translation": "gradus.inference.text_translation",
    "TranslationModel": "gradus.api",
    "load": "gradus.api",
}
"""Dict from each public name to its module. A module is imported when its name is first used, so that `import gradus`
is fast, and a stage of the pipeline does not depend on code that it does not use."""


if not TYPE_CHECKING:  # a type checker knows the names above, and should refuse other names

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used (PEP 562)."""
        if name == "__version__":
            value: object = _version()
        elif name in _HOMES:
            value = getattr(import_module(_HOMES[name]), name)
        else:
            raise AttributeError(f"module 'gradus' has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """List the public names too, although they may not be imported yet."""
        return sorted({*globals(), *__all__})


def _version() -> str:
    """Return the version of the installed distribution; `unknown` if gradus runs from a folder without installation."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("gradus-lm")
    except PackageNotFoundError:
        return "unknown"
