"""Fixtures: a small repository with a DVC pipeline that has the same structure as the real one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import IDENTITY, commit_all, new_repository

PARAMS = """\
seed: 1
train_lm:                     # one model per entry
  rnn: {network: {kind: rnn, hidden: 4}, training: &training {rate: 0.5, epochs: 2}}
  lstm: {network: {kind: lstm, hidden: 4}, training: {<<: *training, rate: 0.25}}
smooth_ngrams: {mle: {kind: mle}}
train_mt:
  plain: {network: {kind: recurrent, attention: none}, training: {epochs: 3}}
  attention: {network: {kind: recurrent, attention: {score: dot}}, training: {epochs: 3}}
"""

# A model file holds the parameters and the seed; the metrics are a BLEU of 10 * seed and the number of epochs.
PIPELINE = """\
stages:
  train_mt:
    matrix: {name: "${train_mt}"}
    cmd: exec python work.py train train_mt ${item.name} models/mt/${item.name}
    deps: [work.py]
    params: [seed, "train_mt.${item.name}"]
    outs: ["models/mt/${item.name}"]
  evaluate_mt:
    matrix: {name: "${train_mt}"}
    cmd: exec python work.py evaluate models/mt/${item.name} metrics/mt/${item.name}.json
    deps: [work.py, "models/mt/${item.name}"]
    metrics:
      - metrics/mt/${item.name}.json: {cache: false}
  evaluate_lm:
    matrix: {name: "${train_lm}"}
    cmd: exec python work.py refuse
    params: ["train_lm.${item.name}"]
    metrics:
      - metrics/lm/${item.name}.json: {cache: false}
"""

WORK = """\
import json, pathlib, sys
from ruamel.yaml import YAML
task, *arguments = sys.argv[1:]
if task == "train":
    section, name, out = arguments
    params = YAML(typ="safe", pure=True).load(pathlib.Path("params.yaml"))
    pathlib.Path(out).mkdir(parents=True)
    (pathlib.Path(out) / "config.json").write_text(json.dumps([params["seed"], params[section][name]]))
    (pathlib.Path(out) / "weights").write_text(name)
elif task == "evaluate":
    model, out = map(pathlib.Path, arguments)
    seed, config = json.loads((model / "config.json").read_text())
    out.parent.mkdir(parents=True, exist_ok=True)
    strategies = {"greedy": {"bleu": 10.0 * seed, "bleu_signature": "x"}}
    out.write_text(json.dumps({"strategies": strategies, "epochs": config["training"]["epochs"]}))
else:
    sys.exit("the language models are not needed here")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter an empty repository of git and DVC; the test writes files and commits them."""
    for name, value in {**IDENTITY, "DVC_SITE_CACHE_DIR": str(tmp_path / "site")}.items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "project"
    new_repository(root)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def commit(project: Path) -> Callable[[str], None]:
    """Return a function that commits every file of the project."""
    return commit_all


@pytest.fixture
def small(project: Path, commit: Callable[[str], None]) -> Path:
    """Commit a pipeline with two translation models, and with language models whose evaluation fails."""
    (project / "params.yaml").write_text(PARAMS)
    (project / "dvc.yaml").write_text(PIPELINE)
    (project / "work.py").write_text(WORK)
    (project / ".gitignore").write_text("/models/\n/.gradus/\n*.pyc\n")
    commit("start")
    return project
