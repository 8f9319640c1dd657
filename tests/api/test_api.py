"""The library's front door: models of every family, with the numbers of the commands, and errors on one line."""

import math
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import gradus
from gradus.artifacts.seals import write_seal
from gradus.cli.main import app
from gradus.decoding.strategies import preset_strategy
from gradus.params import read_file
from gradus.weights import NETWORK

NETWORKS = list(read_file(Path("params.yaml"), dict)["train_lm"])
TRANSLATORS = list(read_file(Path("params.yaml"), dict)["train_mt"])
NGRAMS = ["kneser_ney", "stupid_backoff", "mle"]
TEXT = "The king sleeps .\n\nThe unicorn sings\n"


def command(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", [*NGRAMS, *NETWORKS, "pieces"])
def test_scores_are_those_of_the_command(models: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "text.txt").write_text(TEXT)
    folder = models / "models/lm" / name
    model = gradus.load(folder)
    score = model.score(TEXT)
    printed = dict(line.split(": ") for line in command("score", folder, tmp_path / "text.txt").splitlines())
    assert printed == {
        key: str(value) if isinstance(value, int) else f"{value:.6f}" for key, value in score.measures().items()
    }
    assert model.score_file(tmp_path / "text.txt") == score == model.score(TEXT.removesuffix("\n"))
    for key in ("nats", "perplexity", "perplexity_without_oov", "bits_per_char"):
        assert key not in printed or f"{getattr(score, key):.6f}" == printed[key]
    assert (score.tokens, score.oov) == (int(printed["tokens"]), int(printed["oov"]))


def test_what_a_score_does_not_have_is_none_or_infinite(models: Path) -> None:
    assert gradus.load(models / "models/lm/stupid_backoff").score("The king").perplexity is None
    impossible = gradus.load(models / "models/lm/mle").score("king king")
    assert impossible.nats == impossible.perplexity == math.inf and impossible.bits_per_char is None
    known, unknown = (gradus.load(models / "models/lm/kneser_ney").score(text) for text in ("The king", "The unicorn"))
    assert known.bits_per_char == pytest.approx(known.nats / math.log(2) / len("The king\n"))
    assert unknown.oov == 1 and unknown.bits_per_char is None
    assert unknown.perplexity_without_oov != unknown.perplexity
    assert "perplexity" in str(known)


def test_lines_are_scored_alone_and_an_order_can_be_chosen(models: Path) -> None:
    model = gradus.load(models / "models/lm/kneser_ney")
    first, second = model.score("The king"), model.score("She sings .")
    assert model.score("The king\nShe sings .").nats == pytest.approx(first.nats + second.nats)
    with pytest.raises(gradus.InputError, match=r"expected an order for which a model was fitted \(3\), found 2"):
        model.score("The king", order=2)
    with pytest.raises(gradus.InputError, match="expected an n-gram model, found a neural model"):
        gradus.load(models / "models/lm/lstm").score("The king", order=2)


@pytest.mark.parametrize("name", [*NGRAMS, *NETWORKS])
def test_the_next_tokens_are_a_distribution_that_agrees_with_the_score(models: Path, name: str) -> None:
    model = gradus.load(models / "models/lm" / name)
    everything = model.next("The king", top=1000)
    assert sum(token.probability for token in everything) == pytest.approx(1, abs=1e-5)
    assert {"<pad>", "<s>"}.isdisjoint(token.text for token in everything)
    assert model.next("The king", top=3) == everything[:3]
    probabilities = [token.probability for token in everything]
    assert probabilities == sorted(probabilities, reverse=True)
    if name != "stupid_backoff":  # whose scores are normalised for `next` only, as for every decoder
        steps = (("", "The"), ("The", "king"), ("The king", "</s>"))
        chances = [{token.text: token.probability for token in model.next(*step[:1], 1000)} for step in steps]
        product = math.prod(chance.get(step[1], 0.0) for chance, step in zip(chances, steps, strict=True))
        assert math.exp(-model.score("The king").nats) == pytest.approx(product, rel=1e-4)


def test_of_equal_probabilities_the_smaller_id_comes_first(models: Path) -> None:
    tokens = gradus.load(models / "models/lm/mle").next("The king")
    assert [token.probability for token in tokens] == [pytest.approx(0.5)] * 2
    vocabulary = (models / "models/lm/mle/tokenizer/vocabulary.txt").read_text().split("\n")
    assert [vocabulary.index(token.text) for token in tokens] == sorted(vocabulary.index(t.text) for t in tokens)


def test_pieces_keep_the_mark_of_a_new_word(models: Path) -> None:
    texts = {token.text for token in gradus.load(models / "models/lm/pieces").next("The k", top=1000)}
    assert any(text.startswith("▁") and len(text) > 1 for text in texts) and "</s>" in texts


@pytest.mark.parametrize("name", ["kneser_ney", *NETWORKS, "pieces"])
@pytest.mark.parametrize(("strategy", "settings"), [("nucleus", {"top_p": 0.5}), ("beam", {"beam_size": 2})])
def test_completions_are_those_of_the_command(
    models: Path, name: str, strategy: str, settings: dict[str, float]
) -> None:
    folder = models / "models/lm" / name
    texts = gradus.load(folder).complete("The king", strategy, texts=2, length=6, seed=3, **settings)
    options = [part for key, value in settings.items() for part in ("--" + key.replace("_", "-"), value)]
    numbers = ("--texts", 2, "--length", 6, "--seed", 3)
    assert command("complete", folder, "The king", "--strategy", strategy, *options, *numbers).splitlines() == texts
    assert len(texts) == (2 if strategy == "nucleus" else 1) and all(text.startswith("The king") for text in texts)


@pytest.mark.parametrize("name", TRANSLATORS)
def test_translations_are_those_of_the_command(models: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "text.txt").write_text("The king sleeps.\n\nThe unicorn, sings\n")
    folder = models / "models/mt" / name
    model = gradus.load(folder)
    found = model.translate((tmp_path / "text.txt").read_text(), max_length=9)
    printed = command("translate", folder, tmp_path / "text.txt", "--max-length", 9)
    assert printed.split("\n")[:-1] == [str(translation) for translation in found]
    assert [translation.unknown for translation in found] == [(), (), ("unicorn,",)] and found[1].text == ""
    assert found[0] == model.translate("The king sleeps .", max_length=9)[0]
    assert (model.corpus, model.languages) == ("tiny", ("en", "de"))
    assert model.translate(["", " "]) == model.translate("\n\n") == [gradus.Translation("")] * 2
    drawn = [model.translate("The king", "sample", max_length=9, seed=seed)[0].text for seed in (1, 1, 2, 3)]
    assert drawn[0] == drawn[1] and len(set(drawn)) > 1


def test_punctuation_is_separated_in_prompts_but_not_in_measured_text(models: Path) -> None:
    model = gradus.load(models / "models/lm/kneser_ney")
    assert model.next("The king sleeps.") == model.next("The king sleeps .")
    assert model.complete("The king sleeps.", "greedy")[0].startswith("The king sleeps .")
    assert model.score("The king sleeps.").oov == 1


def test_a_model_says_what_it_is(models: Path) -> None:
    model = gradus.load(str(models / "models/lm/lstm"))
    assert (model.kind, model.corpus, model.languages) == ("lstm", "tiny", ("en",))
    assert repr(model) == f"<language model: lstm, tiny (en), {model.path}>"
    built = gradus.load(models / "models/lm/mle")
    assert (built.kind, built.corpus, built.languages) == ("mle", None, ())


def test_a_strategy_is_a_name_or_a_strategy(models: Path) -> None:
    model = gradus.load(models / "models/lm/kneser_ney")
    made = preset_strategy("top_k", {"top_k": 1})
    assert model.complete("The", made) == model.complete("The", "top_k", top_k=1)
    with pytest.raises(gradus.InputError, match="expected no settings beside a Strategy, found top_k"):
        model.complete("The", made, top_k=2)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda lm, mt: mt.score("a"), "expected a language model, found a translation model"),
        (lambda lm, mt: mt.score_file("a"), "expected a language model, found a translation model"),
        (lambda lm, mt: mt.next(), "expected a language model, found a translation model"),
        (lambda lm, mt: mt.complete(), "expected a language model, found a translation model"),
        (lambda lm, mt: lm.translate("a"), "expected a translation model, found a language model (gru)"),
        (lambda lm, mt: lm.next("The dragon and unicorn"), "unknown 'dragon' 'and' 'unicorn'"),
        (lambda lm, mt: lm.complete("The\nking"), "expected one line of known words, found a line break"),
        (lambda lm, mt: lm.complete("\udcff"), r"unknown '\udcff'"),
        (lambda lm, mt: lm.complete("The", "best"), "expected one of greedy, sample, top_k, nucleus, min_p, beam"),
        (lambda lm, mt: lm.complete("The", beam_size=3), "expected only the settings temperature, top_k, top_p"),
        (lambda lm, mt: lm.complete("The", top_p=2), "top_p: expected a number up to 1"),
        (lambda lm, mt: lm.complete("The", texts=0), "texts: expected a number from 1"),
        (lambda lm, mt: lm.complete("The", length=2**63), "length: expected a number from 1"),
        (lambda lm, mt: lm.complete("The", seed=-1), "seed: expected a number from 0"),
        (lambda lm, mt: lm.next("The", top=0), "top: expected a number from 1"),
        (lambda lm, mt: mt.translate("The", batch=0), "batch: expected a number from 1"),
        (lambda lm, mt: mt.translate("The", max_length=0), "max_length: expected a number from 1"),
        (lambda lm, mt: mt.translate(["The", "The\nking"]), "text: line 2: expected one line, found a line break"),
        (lambda lm, mt: mt.translate([]), "text: expected one sentence per line, found an empty text"),
        (lambda lm, mt: mt.translate("\n" + "The " * 10_000), "text: line 2: expected a sentence of at most 10000"),
        (lambda lm, mt: lm.score(""), "text: expected one sentence per line, found an empty text"),
        (lambda lm, mt: lm.score("a\r\n"), "text: line 1: expected UTF-8 text with LF line ends"),
        (lambda lm, mt: lm.score("a\n\udcff"), "text: line 2: expected UTF-8"),
    ],
)
def test_wrong_input_is_refused_on_one_line(models, call, said) -> None:
    lm, mt = (gradus.load(models / "models" / name) for name in ("lm/gru", "mt/plain"))
    with pytest.raises(gradus.InputError) as caught:
        call(lm, mt)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["lm/kneser_ney", "lm/gru", "mt/attention"])
def test_damaged_folders_are_refused(models: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(models / "models" / name, folder)
    vocabulary = next(folder.rglob("vocabulary.txt"))
    vocabulary.write_text(vocabulary.read_text().replace("king", "ring"))
    with pytest.raises(gradus.InputError, match="vocabulary.txt: expected SHA-256"):
        gradus.load(folder)
    with pytest.raises(gradus.InputError, match="vocabulary.txt: expected SHA-256"):
        gradus.load(folder, verify=False)  # the tokenizer has a sum of its own
    shutil.rmtree(vocabulary.parent)
    if name != "lm/kneser_ney":
        write_seal(folder, NETWORK)
        with pytest.raises(gradus.InputError, match="expected the tokenizer of the model, found no folder, because an"):
            gradus.load(folder)


def test_other_folders_are_refused(models: Path) -> None:
    with pytest.raises(gradus.InputError, match="expected the folder of a model, .* found no folder"):
        gradus.load(models / "nope")
    with pytest.raises(gradus.InputError, match="expected the folder of a model, .* found neither file"):
        gradus.load(models)
    with pytest.raises(gradus.InputError, match="expected n-gram models, found token ids"):
        gradus.load(models / "tokens/lm")
