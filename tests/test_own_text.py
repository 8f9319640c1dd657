"""The commands of docs/own-text.md, on a small text in a clone with tiny models."""

import re
import sys
from pathlib import Path

import pytest
from clones import Clone, set_params, tiny
from repositories import IDENTITY

from gradus.params import read_file
from gradus.pipeline.dvc import environment
from gradus.pipeline.recipe import read_recipe

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("own text")]  # one process, one clone

PAGE = Path("docs/own-text.md")
BUILT_IN = ("builtin", "built-in", "multi30k", "shakespeare", "KenLM")


@pytest.fixture(scope="module")
def tales(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with tiny parameters and a text; the pipeline has not run in it."""
    root = tmp_path_factory.mktemp("own")
    (root / "bin").mkdir()
    (root / "bin/gradus").write_text(f'#!/bin/sh\nexec {sys.executable} -m gradus.cli.main "$@"\n')
    (root / "bin/gradus").chmod(0o755)
    variables = environment() | IDENTITY | {"DVC_SITE_CACHE_DIR": str(root / "site"), "OMP_NUM_THREADS": "1"}
    variables |= {"PATH": f"{root / 'bin'}:{variables['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
    made = Clone(Path.cwd(), variables).cloned(root / "clone")
    set_params(made, tiny(read_file(made.path / "params.yaml", dict)))
    made.commit("tiny")
    lines = (f"der {noun} sieht {other}\r\n" for noun in ("Fuchs", "Rabe", "Wolf") for other in "abcdefghijklmnop")
    (made.path / "raw.txt").write_text("".join(lines), encoding="utf-8", newline="")
    return made


def run_page(clone: Clone, name: str) -> str:
    """Run a block of the page, ```sh NAME, in a clone."""
    (block,) = re.findall(rf"^```sh {name}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return clone.run("bash", "-euc", block)


def test_the_page_leads_from_a_raw_file_to_models_and_a_page_and_changes_no_result(tales: Clone) -> None:
    run_page(tales, "put")
    assert "train 43 lines, valid 2 lines, test 3 lines" in run_page(tales, "new")
    assert read_recipe("tales", tales.path / "experiments").tracks == ["lm"]
    printed = run_page(tales, "run")
    assert "git tracks" not in printed, "a copy may have another corpus than the last commit"
    assert "gradus recipe export tales --seed 1 FOLDER" in printed
    assert "perplexity: " in run_page(tales, "export"), "the exported model scores a text with its own tokenizer"
    folder = tales.path / "tales_seed1"
    page = (folder / "metrics/report/index.html").read_text(encoding="utf-8")
    assert "“tales”" in page and "gradus recipe run tales" in page
    assert not [name for name in BUILT_IN if name in page]
    assert "translation" not in page.lower()
    assert {path.name for path in (folder / "models/lm").iterdir()} == {"lstm", "modified_kneser_ney"}
    assert {path.name for path in folder.iterdir()} == {"models", "metrics", "params.yaml"}
    assert read_file(folder / "params.yaml", dict)["seed"] == 1
    changed = tales.run("git", "status", "--porcelain").splitlines()
    assert changed == ["?? experiments/tales.yaml", "?? metrics/recipes/tales.json", "?? raw.txt", "?? tales_seed1/"]


def test_what_a_run_made_is_refused_in_one_line_where_it_is_gone(tales: Clone) -> None:
    export = ("recipe", "export", "tales", "--seed")
    assert "expected a new or an empty place" in tales.gradus(*export, "1", "tales_seed1", code=2)
    assert "averages (1), found 5; run gradus recipe run tales --seeds 5" in tales.gradus(*export, "5", "x", code=2)
    (reference,) = tales.run("git", "for-each-ref", "--format=%(refname)", "refs/exps/*/*/tales-seed1").split()
    tales.run("git", "update-ref", "-d", reference)
    (line,) = tales.gradus(*export, "1", "x", code=1).splitlines()
    assert line.startswith("error: the models of tales with seed 1 are not here: this clone has no DVC experiment")
    assert not (tales.path / "x").exists()
