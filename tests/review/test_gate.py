"""`gradus ci gate` on a small repository: regressions that fail, with their messages, and changes that pass."""

import json
import re
import shutil
from pathlib import Path

import pytest
from repositories import commit_all
from review_cases import set_metric, set_params
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.pipeline.dvc import dvc, git

pytestmark = pytest.mark.xdist_group("review")  # one process, one repository to copy

TOLERANCES = "compared without an interval, because "


def gate(code: int, base: str = "main") -> str:
    """Run the gate, expect its exit code, and return what it prints."""
    result = CliRunner().invoke(app, ["ci", "gate", "--base", base])
    assert result.exit_code == code, result.output
    return result.output


def failures(output: str) -> dict[str, str]:
    found = [line.removeprefix("- **").removesuffix(".") for line in output.splitlines() if line.startswith("- **")]
    return dict(line.split("**: ", 1) for line in found)


def row(output: str, model: str) -> list[str]:
    (line,) = [line for line in output.splitlines() if line.startswith(f"| {model} |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


@pytest.fixture(scope="module")
def verdicts(moved: Path) -> str:
    """Output of the gate on the branch `changed`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(moved)
        return gate(1)


def test_an_unchanged_tree_passes(project: Path) -> None:
    output = gate(0)
    assert "**The gate passes** against main (" in output
    assert "Models: 13 unchanged." in output
    assert git("status", "--porcelain") == ""


def test_the_planted_regressions_fail_by_name_and_nothing_else_does(verdicts: str) -> None:
    """2% of an n-gram model, 5% of a network, more than 4 BLEU, twice the zeros, and a first zero."""
    found = failures(verdicts)
    assert set(found) == {"lm/worse", "lm/lstm", "lm/backoff", "lm/mle", "lm/broken", "lm/gone", "mt/plain"}
    for model, change, measure in (
        ("lm/worse", "+2.00%", "perplexity (line)"),
        ("lm/lstm", "+5.00%", "perplexity (stream)"),  # the better context; times 0.98 in nats
        ("lm/backoff", "+2.00%", "e^(mean score) (line)"),
        ("lm/mle", "+100.00%", "tokens of probability zero (line)"),
    ):
        assert found[model].startswith(f"regression: {measure} ")
        if model != "lm/lstm":
            assert f": the change is {change}, at most 1.00% is allowed; confidence interval " in found[model]
    assert "+4.90%, at most 1.00% is allowed; confidence interval +4.90% to +4.90%" in found["lm/lstm"]  # 1.05^0.98
    assert found["lm/broken"].endswith("→ ∞: the change is ∞, at most 1.00% is allowed; no confidence interval")
    assert float(found["mt/plain"].split("the change is ")[1].split(",")[0]) < -4.0
    error = verdicts.splitlines()[-1]
    assert error.startswith("error: the gate fails: ") and error.endswith("; the summary gives the reasons")
    assert set(error.removeprefix("error: the gate fails: ").split(";")[0].split(", ")) == set(found)


def test_a_model_that_vanished_fails_and_a_new_one_does_not(verdicts: str) -> None:
    assert failures(verdicts)["lm/gone"] == "vanished: the base has this model, but params.yaml no longer has it"
    assert row(verdicts, "lm/gru")[1] == "new"


def test_improvements_are_told(verdicts: str) -> None:
    assert row(verdicts, "lm/better")[1] == "↓ better"
    assert row(verdicts, "mt/finer")[1] == "↑ better"


def test_a_change_within_its_interval_or_its_tolerance_is_noise(verdicts: str) -> None:
    """Noise of 30 nats a line moves a model by more than 1%, but the paired interval has zero in it."""
    assert "Models: 6 worse, 2 better, 3 within noise, 1 vanished, 1 new, 1 unchanged." in verdicts
    change, interval, allowed = row(verdicts, "lm/noisy")[4:7]
    assert abs(float(change.rstrip("%"))) > 1.0 and allowed == "1.00%"
    assert interval.startswith("-") and "to +" in interval
    assert row(verdicts, "lm/close")[4:7] == ["+0.50%", "+0.50% to +0.50%", "1.00%"]
    assert row(verdicts, "mt/near")[6] == "0.50"


@pytest.mark.parametrize(("deviation", "fails"), [(0.2, True), (0.3, False)])
def test_the_deviation_over_seeds_widens_the_tolerance(branch: Path, deviation: float, fails: bool) -> None:
    """A rise of 4.9% against 2.8 * 0.2 / 12 = 4.67% and 2.8 * 0.3 / 12 = 7%."""
    sides = (("mean", 12.0), ("deviation", deviation))
    measured = {side: {"lm": {"lstm": {"test": {"stream": {"perplexity": value}}}}} for side, value in sides}
    measured["seeds"] = [1, 2]
    Path("metrics/recipes").mkdir()
    Path("metrics/recipes/seeds.json").write_text(json.dumps(measured))
    output = gate(1)
    assert ("lm/lstm" in failures(output)) is fails
    assert row(output, "lm/lstm")[6:] == [f"{280 * deviation / 12:.2f}%", f"{100 * deviation / 12:.2f}%"]
    (note,) = [line for line in output.splitlines() if line.endswith("was not measured, so the gate uses 0")]
    assert "lm/worse" in note and "lm/lstm" not in note


@pytest.mark.parametrize(
    ("key", "why"),
    [("test.line.perplexity", "its metrics file lacks this metric"), ("", "the model has no metrics file")],
)
def test_a_missing_metric_fails(project: Path, key: str, why: str) -> None:
    set_metric("lm/same", key, None) if key else Path("metrics/lm/same.json").unlink()
    assert failures(gate(1)) == {"lm/same": f"missing: the model has no perplexity (line) to compare; {why}"}


@pytest.mark.parametrize(("below", "fails"), [(19.0, False), (21.0, True)])
def test_a_leak_fails(project: Path, below: float, fails: bool) -> None:
    """The floor is 2 nats per token: perplexity e^(2 - below / tokens) is `below` nats below it; up to 20 pass."""
    tokens = json.loads(Path("metrics/lm/same.json").read_text())["text"]["tokens"]
    set_metric("lm/same", "test.line.perplexity", 2.718281828459045 ** (2 - below / tokens))
    output = gate(int(fails))
    said = "leak: the loss on the test text is 21.0 nats below the entropy of the text's source"
    assert failures(output) == ({"lm/same": said} if fails else {})
    assert f"- lm/same: {TOLERANCES}the per-line scores add up to " in output


def test_stale_results_fail_with_data_and_without(project: Path) -> None:
    set_params({"train_lm.same.factor": 1.05})
    commit_all("changed, and not run")
    stale = {"the results": "out of date; stages to run again: `train_lm@same` (`train_lm.same`)"}
    assert failures(gate(1)) == {key: f"{said}. Run dvc repro and commit the results" for key, said in stale.items()}
    for place in ("data", ".dvc/cache"):
        shutil.rmtree(place)
    assert failures(gate(1)) == {key: f"{said}. Run dvc repro and commit the results" for key, said in stale.items()}
    Path("work.py").write_text(Path("work.py").read_text() + "# newer\n")
    assert "`train_lm@worse`, `train_lm@better` and 10 more (`work.py`)" in failures(gate(1))["the results"]


def test_results_that_do_not_belong_together_are_stale_in_a_clone_without_data(project: Path) -> None:
    """The stage `count` has read other bytes than dvc.lock records of the stage that wrote them."""
    for place in ("data", ".dvc/cache"):
        shutil.rmtree(place)
    lock = Path("dvc.lock").read_text()
    head, tail = lock.split("  train_lm@same:\n")
    Path("dvc.lock").write_text(
        head + "  train_lm@same:\n" + re.sub(r"[0-9a-f]{32}\.dir", f"{'0' * 32}.dir", tail, count=1)
    )
    assert "stages to run again: `count` (`data/scores/lm/same`)." in failures(gate(1))["the results"]


@pytest.mark.parametrize(
    ("model", "key", "what"),
    [
        ("lm/same", "text.sha256", "test text"),
        ("lm/same", "tokenizer.sha256", "tokenizer"),
        ("mt/near", "strategies.beam.bleu_signature", "BLEU signature"),
    ],
)
def test_what_was_measured_otherwise_is_not_comparable_and_no_failure(
    project: Path, model: str, key: str, what: str
) -> None:
    set_metric(model, key, "another")
    set_metric(model, "strategies.beam.bleu" if model.startswith("mt") else "test.line.perplexity", 50.0)
    output = gate(0)
    assert f"- {model}: the {what} has changed" in output
    assert row(output, model)[1].endswith(" not comparable")


def test_scores_of_the_base_come_from_the_cache_the_remote_or_not_at_all(branch: Path, tmp_path: Path) -> None:
    set_params({"train_lm": {name: {} for name in ("same", "worse")}, "train_mt": {}})
    for name in ("train_lm.same", "train_lm.worse"):
        set_params({name: {"kind": "ngram", "factor": 1.02 if "worse" in name else 1.0, "noise": 0.0}})
    dvc("remote", "add", "--local", "--default", "store", str(tmp_path / "store"))
    dvc("push", "--all-branches")
    cached = row(gate(1), "lm/worse")
    assert cached[5] == "+2.00% to +2.00%"
    shutil.rmtree(".dvc/cache")
    before = git("status", "--porcelain", "--ignored")
    assert row(gate(1), "lm/worse") == cached  # from the remote
    assert git("status", "--porcelain", "--ignored") == before
    for file in (tmp_path / "store").rglob("*"):
        if file.is_file() and file.suffix != ".dir":
            file.chmod(0o644)
            file.write_bytes(file.read_bytes() + b" ")  # a remote may send any bytes
    reason = "the per-line scores of the base are neither in DVC's cache nor in its default remote"
    for _ in range(2):
        output = gate(1)
        assert f"- lm/worse: {TOLERANCES}{reason}" in output
        assert failures(output)["lm/worse"].endswith("+2.00%, at most 1.00% is allowed; no confidence interval")
        assert row(output, "lm/worse")[5] == "none"
        shutil.rmtree(tmp_path / "store", ignore_errors=True)


def test_the_summary_is_a_file_too_even_if_the_gate_fails(project: Path) -> None:
    set_metric("lm/same", "test.line.perplexity", 50.0)
    arguments = ["ci", "gate", "--base", "main", "--out", "gate.md"]
    for _ in range(2):  # its own earlier summary is replaced
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 1
    text = Path("gate.md").read_text()
    assert text.startswith("<!-- gradus ci gate -->\n**The gate fails** against main (")
    assert result.output.startswith(text)
    Path("gate.md").write_text("mine\n")
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2 and "error: gate.md: expected a new or an empty place" in result.output


def test_rules_that_the_branch_itself_changed_are_named(project: Path) -> None:
    Path("gate.yaml").write_text(
        Path("gate.yaml").read_text().replace("deviation_factor: 2.8", "deviation_factor: 99.0")
    )
    assert "- gate.yaml differs from the base; the gate uses the file of the working tree" in gate(0)


@pytest.mark.parametrize("content", [None, "better: lower\n"])
def test_a_wrong_gate_file_is_one_line(project: Path, content: str | None) -> None:
    Path("gate.yaml").write_text(content) if content else Path("gate.yaml").unlink()
    output = gate(2)
    assert output.startswith("error: gate.yaml") and output.count("\n") == 1


def test_a_broken_file_of_the_base_is_named_with_its_commit(project: Path) -> None:
    Path("metrics/lm/same.json").write_text("{")
    commit_all("broken")
    broken = git("rev-parse", "HEAD").strip()[:10]
    git("checkout", "--quiet", "main~1", "--", "metrics")
    assert gate(2, "HEAD").startswith(f"error: {broken}:metrics/lm/same.json: expected JSON, found ")
