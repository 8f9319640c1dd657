"""The real pipeline, every stage and architecture at a tiny size, in a clone of this repository's HEAD."""

import compileall
import math
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from clones import RESULTS, Clone, set_params, stages_run

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_folder
from gradus.decoding.records import TEXTS, read_strategies, write_records
from gradus.evaluation.language_models.line_scores import LINE_SCORES, read_line_scores, write_line_scores
from gradus.params import read_file
from gradus.pipeline.lock import read_entries
from gradus.pipeline.overlay import overlay

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]  # one process, one clone


def test_every_model_is_measured_and_nothing_unknown_to_git_is_left(clone: Clone) -> None:
    params = read_file(clone.path / "params.yaml", dict)
    for track, sections in (("lm", ("smooth_ngrams", "train_lm", "interpolate")), ("mt", ("train_mt",))):
        for name in (name for section in sections for name in params[section]):
            assert (clone.path / f"metrics/{track}/{name}.json").exists()
    assert (clone.path / "metrics/report/index.html").exists()
    committed = clone.run("git", "log", "--name-only", "--format=", f"--grep={RESULTS}").split()
    assert {name.split("/")[0] for name in committed} == {"dvc.lock", "metrics", "params.yaml"}


def test_a_second_run_does_nothing_whether_bytecode_is_written_or_not(clone: Clone) -> None:
    for package in ("gradus", "stages"):
        assert compileall.compile_dir(clone.path / package, quiet=1)
    assert stages_run(clone.dvc("repro")) == set()
    assert "Nothing has changed" in clone.gradus("repro")
    assert clone.run("git", "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("stage", "never"),
    [
        (("evaluate_lm_ngram", "katz"), ("torch", "gradus.networks", "gradus.training")),
        (("generate_ngram", "katz"), ("gradus.networks", "gradus.training")),
        (("evaluate_lm", "lstm"), ("gradus.ngram",)),
        (("generate", "lstm"), ("gradus.ngram",)),
        (("translate", "attention"), ("gradus.ngram",)),
    ],
)
def test_one_family_is_run_without_the_other_s_code_and_gives_the_same_bytes_again(
    clone: Clone, stage: tuple[str, str], never: tuple[str, ...]
) -> None:
    printed = clone.run(sys.executable, "-X", "importtime", "-m", f"stages.{stage[0]}", "--name", stage[1])
    imported = set(re.findall(r"^import time:.*\| +([\w.]+)$", printed, flags=re.MULTILINE))
    assert "gradus.params" in imported
    assert not {module for module in imported for name in never if f"{module}.".startswith(f"{name}.")}
    assert "up to date" in clone.dvc("status", "@".join(stage))


def visible(markdown: str) -> list[str]:
    """The lines that a reader sees before opening anything."""
    above = re.sub(r"<!--.*?-->|<details>.*?</details>", "", markdown, flags=re.DOTALL)
    return [line for line in above.splitlines() if line.strip()]


def test_where_nothing_has_changed_the_report_is_one_line_and_the_gate_passes(clone: Clone) -> None:
    for tree in (clone, clone.cloned(clone.path.parent / "without_data")):
        (line,) = visible(tree.gradus("ci", "report", "--base", "HEAD"))
        assert line.startswith("**Nothing changes against HEAD (")
        assert "**The gate passes** against HEAD" in tree.gradus("ci", "gate", "--base", "HEAD")
        assert tree.run("git", "status", "--porcelain") == ""


def test_a_changed_parameter_runs_one_model_s_chain_only_and_is_one_row_of_the_report(clone: Clone) -> None:
    params = read_file(clone.path / "params.yaml", dict)
    set_params(clone, overlay(params, {"smooth_ngrams": {"katz": {"threshold": 2}}}))
    chain = {"smooth_ngrams@katz", "generate_ngram@katz", "evaluate_lm_ngram@katz", "report"}
    # the weights of mixtures are fitted again, because katz is in the folder of their models; they do not change
    fits = {f"interpolate@{name}" for name in params["interpolate"]}
    assert stages_run(clone.dvc("repro")) == chain | fits
    shown = visible(clone.gradus("ci", "report", "--base", "HEAD"))
    assert shown[0].startswith("**1 of 14 models changes: 1 ")
    (row,) = [line for line in shown if re.match(r"\| (lm|mt)/", line)]
    assert row.startswith("| lm/katz | perplexity (line) | ")
    assert "| smooth_ngrams.katz.threshold | 5 | 2 |" in shown
    assert "?? " not in clone.run("git", "status", "--porcelain")
    clone.commit("another threshold")


def plant_perplexity(clone: Clone, name: str, factor: float) -> None:
    """Multiply a language model's perplexity: ln(factor) nats more at every token, in its scores and its metrics."""
    place, path = clone.path / "data/scores/lm" / name, clone.path / f"metrics/lm/{name}.json"
    scores, metrics = read_line_scores(place), read_json(path)
    more = scores.tokens * math.log(factor)
    with new_folder(place, LINE_SCORES) as part:
        write_line_scores(part, replace(scores, nats={context: nats + more for context, nats in scores.nats.items()}))
    for card in metrics["test"].values():
        card["perplexity"] *= factor
        card["nats"] += float(more.sum())
        card["nats_per_token"] += math.log(factor)
    write_json(path, metrics)


def plant_translations(clone: Clone, name: str, wrong: int) -> None:
    """Replace a model's translations by the references, `wrong` of them without their second word, and evaluate."""
    references = (clone.path / "data/raw/mt/test.tgt").read_text().splitlines()
    place = clone.path / "data/translated" / name
    records = read_strategies(place)
    kept = (place / "attention.json").read_bytes()
    with new_folder(place, TEXTS) as part:
        for strategy, found in records.items():
            shorter = [re.sub(r" \S+", "", line, count=1) for line in references[:wrong]]
            pairs = zip(found, [*shorter, *references[wrong:]], strict=True)
            write_records(part / f"{strategy}.jsonl", [replace(record, text=text) for record, text in pairs])
        (part / "attention.json").write_bytes(kept)
    clone.run(sys.executable, "-m", "stages.evaluate_mt", "--name", name)


def test_the_gate_names_the_models_of_planted_regressions(clone: Clone) -> None:
    """2% perplexity of an n-gram model, 5% of a network, and 4 BLEU; and half a per cent of another is noise."""
    stages = ("evaluate_lm_ngram@modified_kneser_ney", "evaluate_lm@lstm", "evaluate_lm@gru", "evaluate_mt@attention")
    clone.run("git", "checkout", "--quiet", "-b", "planted")
    for wrong in (0, 30):
        plant_translations(clone, "attention", wrong)
        if wrong:
            for name, factor in (("modified_kneser_ney", 1.02), ("lstm", 1.05), ("gru", 1.005)):
                plant_perplexity(clone, name, factor)
        clone.dvc("commit", "--force", "translate@attention", *stages)
        clone.dvc("repro", "--single-item", "report")
        clone.commit(f"planted {wrong}")
    said = clone.gradus("ci", "gate", "--base", "HEAD~1", code=1)
    names = "lm/modified_kneser_ney, lm/lstm, mt/attention"
    assert f"error: the gate fails: {names}; the summary gives the reasons" in said
    assert "Models: 3 worse, 1 within noise, 10 unchanged." in said
    assert "+2.00%, at most 1.00% is allowed; confidence interval +2.00% to +2.00%" in said
    assert re.search(r"\+5.00%, at most [1-4]\.\d\d% is allowed; confidence interval \+5.00% to \+5.00%", said)
    (bleu,) = re.findall(
        r"BLEU \(beam\) 100 → [\d.]+: the change is (-[\d.]+), at most [0-3]\.\d\d is allowed; confidence", said
    )
    assert float(bleu) < -4.0
    clone.run("git", "checkout", "--quiet", "-")
    clone.dvc("checkout")


@pytest.fixture(scope="module")
def pulled(clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Push from one clone and pull in another, by way of a folder."""
    store = tmp_path_factory.mktemp("store")
    other = clone.cloned(clone.path.parent / "second")
    for one in (clone, other):
        one.dvc("remote", "add", "--local", "--default", "store", str(store))
        one.dvc("remote", "modify", "--local", "store", "verify", "true")
    clone.dvc("push")
    other.dvc("pull")
    return other


def test_what_was_pulled_runs_nothing(pulled: Clone) -> None:
    assert stages_run(pulled.dvc("repro")) == set()
    assert "0 changed, 0 missing" in pulled.gradus("verify")
    assert pulled.run("git", "status", "--porcelain") == ""


def test_a_file_that_rotted_in_the_remote_is_refused(pulled: Clone) -> None:
    out = read_entries(pulled.path / "dvc.lock")["train_lm@lstm"]["outs"][0]
    cache, store = pulled.path / ".dvc/cache", Path(pulled.dvc("remote", "list").split()[1])
    listing = (cache / "files/md5" / out["md5"][:2] / out["md5"][2:]).read_text()
    (weights,) = re.findall(r'"md5": "(\w+)", "relpath": "weights.safetensors"', listing)
    rotten = store / "files/md5" / weights[:2] / weights[2:]
    rotten.chmod(0o644)
    rotten.write_bytes(rotten.read_bytes()[:-1] + b"?")
    shutil.rmtree(cache)
    shutil.rmtree(pulled.path / out["path"])
    assert "failed to pull" in pulled.dvc("pull", "train_lm@lstm", code=1)
    assert not (pulled.path / out["path"] / "weights.safetensors").exists()
