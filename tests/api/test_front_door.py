"""The names that `import gradus` offers, the time that it takes, and the README's example."""

import contextlib
import importlib
import io
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gradus

HEAVY = {"numpy", "torch", "pydantic", "typer", "pyarrow", "numba", "sentencepiece", "gradus.api"}


def readme_block() -> str:
    text = Path("README.md").read_text(encoding="utf-8")
    section = text.partition("## Use it from Python\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    return str(block)


def python(code: str, *arguments: str, folder: Path | None = None) -> str:
    """Run code in a new process, in which `gradus` is this checkout; return what it prints."""
    path = f"import sys; sys.path.insert(0, {str(Path.cwd())!r})\n"
    command = [sys.executable, "-c", path + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout


def test_the_example_of_the_readme_runs(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = readme_block()
    monkeypatch.chdir(models)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(block, "README.md", "exec"), {})
    lines = said.getvalue().splitlines()
    assert len(lines) == 1 + 3 + 1 + 2 and len(block.splitlines()) <= 14
    assert lines[0].endswith(" 9 0") and lines[-1].endswith("('old',)")


def test_every_public_name_is_there_and_no_other() -> None:
    for name in gradus.__all__:
        assert name in dir(gradus) and getattr(gradus, name) is not None
        if name != "__version__":
            assert getattr(gradus, name).__doc__, name
            assert getattr(importlib.import_module(gradus._HOMES[name]), name) is getattr(gradus, name)
    assert set(gradus._HOMES) == set(gradus.__all__) - {"__version__"}
    with pytest.raises(AttributeError, match="module 'gradus' has no attribute 'lode'"):
        _ = gradus.lode  # type: ignore[attr-defined]
    for method in ("score", "score_file", "next", "complete", "translate"):
        assert getattr(gradus.Model, method).__doc__


def test_the_import_is_cheap() -> None:
    """It loads nothing heavy, and takes less than 50 ms; the fastest of several runs counts, as the machine is busy."""
    loaded = set(python("import gradus\nprint(*sys.modules)").split())
    assert not loaded & HEAVY
    seconds = [float(python("import time; s = time.perf_counter(); import gradus; print(time.perf_counter() - s)"))
               for _ in range(7)]  # fmt: skip
    assert min(seconds) < 0.05, f"median {statistics.median(seconds):.3f} s"


def test_n_grams_score_and_predict_without_torch(models: Path) -> None:
    code = (
        "import gradus\n"
        "model = gradus.load(sys.argv[1])\n"
        "model.score('The king sleeps .'), model.next('The king'), repr(model)\n"
        "print('torch' in sys.modules, 'sentencepiece' in sys.modules)\n"
        "model.complete('The king')\n"
        "print('torch' in sys.modules)\n"
    )
    assert python(code, str(models / "models/lm/kneser_ney")).split() == ["False", "False", "True"]


@pytest.mark.slow  # mypy reads the types of torch: 20 s without its cache
def test_the_example_is_typed_for_a_stranger(tmp_path: Path) -> None:
    """The marker py.typed makes a type checker read gradus's annotations, and names that do not exist are errors."""
    assert Path("gradus/py.typed").exists() and '"py.typed"' in Path("pyproject.toml").read_text(encoding="utf-8")
    wrong = "gradus.lode\nreveal_type(model.next('a')[0].probability)\nmodel.score(3)\n"
    (tmp_path / "example.py").write_text(readme_block() + wrong, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml"]
    begun = time.monotonic()
    done = subprocess.run([*command, str(tmp_path / "example.py")], capture_output=True, text=True)
    errors = [line.partition("example.py:")[2] for line in done.stdout.splitlines() if "example.py" in line]
    assert len(errors) == 3, (done.stdout, time.monotonic() - begun)
    assert 'has no attribute "lode"' in errors[0] and 'type is "' in errors[1] and 'float"' in errors[1]
    assert 'has incompatible type "int"; expected "str"' in errors[2]
