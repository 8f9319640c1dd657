"""The library: load a trained model, then score, predict, continue or translate text with it.

    import gradus

    model = gradus.load("models/lm/lstm")
    print(model.score("The king sleeps .").perplexity)

Only `load` reads files. The weights of a network are read when a method first needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gradus.corpora.files import read_blocks, text_blocks
from gradus.errors import InputError
from gradus.families.folder import ModelFolder
from gradus.families.models import open_model
from gradus.families.tokenizers import load_model_tokenizer
from gradus.inference.next_tokens import NextToken, next_tokens
from gradus.inference.scoring import ScoredBlock, TextScore, block_size, open_scorer, score_blocks
from gradus.text.origin import read_origin
from gradus.text.tokenizers.tokenizer import Tokenizer

if TYPE_CHECKING:
    from gradus.decoding.strategy import Strategy
    from gradus.families.language_models import LanguageModelFolder
    from gradus.families.translation_models import OpenTranslator
    from gradus.inference.text_translation import Translation

TRANSLATION_BEAM = {"length_penalty": 0.6}
"""Settings of the strategy `beam` for translation, where a beam without this penalty prefers short translations.

Source: Wu et al. (2016), Google's Neural Machine Translation System.
"""


def load(folder: str | Path, *, verify: bool = True) -> Model:
    """Load a trained model: n-grams, a neural language model, a mixture of them, or a translation model.

    Args:
        folder: folder of the model, such as `models/lm/lstm`, or a folder that `gradus ngram build` wrote.
        verify: whether to check the SHA-256 of every file. Sizes and structure are always checked.
    Raises:
        InputError: if the folder is missing, holds no model, or contains a file that was changed.
    """
    opened = open_model(Path(folder), sums=verify)
    if isinstance(opened, ModelFolder):
        return LanguageModel(opened)
    return TranslationModel(opened)


class _Opened(NamedTuple):
    """Opened folder of a language model, and its tokenizer."""

    folder: LanguageModelFolder
    tokenizer: Tokenizer


class Model:
    """A trained model. A language model can `score`, `next` and `complete`; a translation model can `translate`.

    Every method raises InputError, with a message of one line, if the model cannot do this, or if an argument is wrong.
    """

    path: Path
    """Folder of the model."""
    kind: str
    """Kind of the smoother (such as `kneser_ney`), of the network (such as `lstm`) or of the mixture (`linear`)."""
    corpus: str | None
    """Name of the corpus of the training text; None if the model was built from a text file, or imported."""
    languages: tuple[str, ...]
    """Language of the training text; source and target language of a translation model; empty if `corpus` is None."""
    family: str
    """`language model` or `translation model`."""

    def __init__(self, opened: LanguageModelFolder | OpenTranslator) -> None:
        origin = read_origin(opened.path)
        self.path, self.kind = opened.path, opened.kind
        self.corpus, self.languages = (origin.corpus, origin.languages) if origin else (None, ())

    def score(self, text: str, *, order: int | None = None) -> TextScore:
        """Measure how well a language model predicts a text: its perplexity, and the sums behind it.

        Each line is scored without the other lines, and the end of a line counts as a token. The text is taken as it
        is: a word tokenizer needs spaces around punctuation if its training text has them.

        Args:
            text: one line or several lines.
            order: order of the n-gram model to use; None for the highest order.
        """
        size = block_size(self._language_model().tokenizer.size)
        return self._score(text_blocks(text, size), order, lambda block: None)

    def score_file(
        self, file: str | Path, *, order: int | None = None, each: Callable[[ScoredBlock], None] = lambda block: None
    ) -> TextScore:
        """Score a text file as `score` does; only a part of the file is in memory at a time.

        Args:
            file: UTF-8 text with one sentence per line, plain or FILE.gz.
            order: order of the n-gram model to use; None for the highest order.
            each: function that is called with the tokens and their costs, some thousand lines at a time.
        """
        size = block_size(self._language_model().tokenizer.size)
        return self._score(read_blocks(Path(file), size=size), order, each)

    def next(self, prompt: str = "", top: int = 10) -> list[NextToken]:
        """Return the most probable next tokens after a prompt, the most probable first; of equal ones, by id.

        Args:
            prompt: one line of known words. Punctuation is separated from unknown words.
            top: number of tokens. Tokens of probability zero are left out.
        """
        opened = self._language_model()
        return next_tokens(opened.folder, opened.tokenizer, prompt, top)

    def complete(
        self,
        prompt: str = "",
        strategy: str | Strategy = "nucleus",
        *,
        texts: int = 1,
        length: int = 40,
        seed: int = 1,
        **settings: float,
    ) -> list[str]:
        """Continue a prompt up to the end of its line. Each text begins with the prompt.

        Args:
            prompt: one line of known words. Punctuation is separated from unknown words.
            strategy: how to choose tokens: `nucleus`, `sample`, `top_k`, `min_p`, `greedy`, `beam` or a `Strategy`.
            texts: number of texts. A strategy without random draws returns only one.
            length: maximum number of tokens after the prompt.
            seed: seed of the random generator.
            settings: settings of the strategy, such as `top_p=0.8` or `temperature=0.7`.
        """
        opened = self._language_model()
        # imported here, because the decoders need torch, and scoring with n-grams should not wait for it
        from gradus.inference.completion import CompletionConfig, complete

        config = CompletionConfig(_strategy(strategy, settings), texts, length, seed)
        return complete(opened.folder, opened.tokenizer, prompt, config)

    def translate(
        self,
        lines: str | Iterable[str],
        strategy: str | Strategy = "beam",
        *,
        max_length: int = 100,
        batch: int = 64,
        seed: int = 1,
        **settings: float,
    ) -> list[Translation]:
        """Translate a text; return one translation per line. A blank line has an empty translation.

        Args:
            lines: the lines, or a text of one or several lines. Punctuation is separated from unknown words.
            strategy: how to choose tokens, as for `complete`.
            max_length: maximum number of tokens of a translation.
            batch: number of lines to translate together; a large number needs more memory.
            seed: seed of the random generator, for strategies that draw tokens.
            settings: settings of the strategy, such as `beam_size=8`.
        """
        translator = self._translation_model()
        from gradus.inference.text_translation import TranslationConfig, translate

        defaults = TRANSLATION_BEAM if strategy == "beam" else {}
        config = TranslationConfig(_strategy(strategy, {**defaults, **settings}), batch, max_length, seed)
        text = lines.removesuffix("\n").split("\n") if isinstance(lines, str) else lines
        return translate(translator, text, config)

    def __repr__(self) -> str:
        corpus = f", {self.corpus} ({' to '.join(self.languages)})" if self.corpus else ""
        return f"<{self.family}: {self.kind}{corpus}, {self.path}>"

    def _score(self, blocks: Iterable[bytes], order: int | None, each: Callable[[ScoredBlock], None]) -> TextScore:
        opened = self._language_model()
        scorer = open_scorer(opened.folder, order)
        score = TextScore(normalised=scorer.normalised)
        for block in score_blocks(blocks, opened.tokenizer, scorer):
            score = score.add(block)
            each(block)
        return score

    def _language_model(self) -> _Opened:
        """Return the opened folder and the tokenizer; raise InputError if this is no language model."""
        raise self._refusal("language model")

    def _translation_model(self) -> OpenTranslator:
        """Return the opened translation model; raise InputError if this is none."""
        raise self._refusal("translation model")

    def _refusal(self, expected: str) -> InputError:
        return InputError(
            self.path,
            expected=f"a {expected}",
            found=f"a {self.family} ({self.kind})",
            remedy=f"load a {expected}",
        )


class LanguageModel(Model):
    """An n-gram model, a neural language model or a mixture of them."""

    family = "language model"

    def __init__(self, folder: LanguageModelFolder) -> None:
        super().__init__(folder)
        self._opened = _Opened(folder, load_model_tokenizer(folder))

    def _language_model(self) -> _Opened:
        return self._opened


class TranslationModel(Model):
    """A translation model."""

    family = "translation model"

    def __init__(self, translator: OpenTranslator) -> None:
        super().__init__(translator)
        self._translator = translator

    def _translation_model(self) -> OpenTranslator:
        return self._translator


def _strategy(strategy: str | Strategy, settings: dict[str, float]) -> Strategy:
    """Return the strategy of a name and its settings; a `Strategy` has all its settings already."""
    from gradus.decoding.strategies import preset_strategy

    if isinstance(strategy, str):
        return preset_strategy(strategy, settings)
    if settings:
        found, remedy = ", ".join(settings), "set them in the strategy"
        raise InputError("strategy", expected="no settings beside a Strategy", found=found, remedy=remedy)
    return strategy
