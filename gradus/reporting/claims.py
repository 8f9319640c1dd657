"""Compare each claim of the lecture with the measurements of this run."""

from collections.abc import Callable
from dataclasses import dataclass

from gradus.reporting.ngrams import orders_of
from gradus.reporting.results import Results
from gradus.reporting.table import Marked, Table, number, percent
from gradus.reporting.translation import bleu_at, source_lengths
from gradus.results.score import Context, perplexity


@dataclass(frozen=True)
class Claim:
    """A claim of the lecture and its verdict."""

    statement: str
    """The claim, as one sentence."""
    measured: str
    """Numbers of this run that confirm or refute the claim."""
    holds: bool
    """Whether the numbers confirm the claim."""


Check = Callable[[Results], Claim | None]
"""Function that checks one claim against the results. The result is None if this run lacks a model that
the claim is about."""


_BEST_SMOOTHER = "modified_kneser_ney"  # the lecture claims that this smoother is best


def claims_table(results: Results) -> Table:
    """Return the table of the claims and their verdicts. Claims about models that this run lacks are left out."""
    claims = [claim for check in _CHECKS if (claim := check(results)) is not None]
    rows = [[claim.statement, claim.measured, "holds" if claim.holds else Marked("**fails here**")] for claim in claims]
    return Table(
        "claims",
        "Each verdict is based on this run only, which has one corpus and one seed. `gradus recipe run NAME --seeds "
        "1,2,3` repeats an experiment with several seeds.",
        ["claim of the lecture", "measured", "verdict"],
        rows,
    )


def _perplexity(results: Results, name: str, context: Context = "line") -> float | None:
    model = results.language_models.get(name)
    return perplexity(model.test.get(context)) if model else None


def _sparsity(results: Results) -> Claim | None:
    orders = orders_of(results)
    if len(orders) < 2:
        return None
    first = next(iter(results.smoothers.values()))
    low, high = (first.orders[order].unseen_share for order in (orders[0], orders[-1]))
    return Claim(
        "Sparsity: with growing order, a growing share of the test n-grams does not occur in the training text.",
        f"share of test n-grams that do not occur in the training text: {percent(low)} for order {orders[0]}, "
        f"{percent(high)} for order {orders[-1]}",
        high > low,
    )


def _zero_probability(results: Results) -> Claim | None:
    mle = results.smoothers.get("mle")
    if mle is None or "line" not in mle.test:
        return None
    tokens = mle.test["line"].zero_tokens
    measured = f"{number(tokens, 0)} test tokens have probability zero under maximum likelihood"
    return Claim("Without smoothing, one unseen n-gram makes the perplexity infinite.", measured, tokens > 0)


def _smoothing(results: Results) -> Claim | None:
    ours = _perplexity(results, _BEST_SMOOTHER)
    all_ = {name: value for name in results.smoothers if (value := _perplexity(results, name)) is not None}
    if ours is None or len(all_) < 2:
        return None
    best = min(all_, key=all_.__getitem__)
    measured = f"perplexity of modified Kneser-Ney: {number(ours)}; lowest perplexity: {number(all_[best])} ({best})"
    return Claim("Modified Kneser-Ney has the lowest perplexity of all smoothers.", measured, best == _BEST_SMOOTHER)


def _lower(statement: str, better: str, worse: str, context: Context = "line") -> Check:
    """Return a check of the claim that the model `better` has a lower test perplexity than the model `worse`."""

    def check(results: Results) -> Claim | None:
        low, high = _perplexity(results, better, context), _perplexity(results, worse, context)
        if low is None or high is None:
            return None
        measured = f"perplexity of {better}: {number(low)}; perplexity of {worse}: {number(high)} (context: {context})"
        return Claim(statement, measured, low < high)

    return check


def _fewer_weights(results: Results) -> Claim | None:
    gru, lstm = (results.networks.get(name) for name in ("gru", "lstm"))
    gru_value, lstm_value = (_perplexity(results, name, "stream") for name in ("gru", "lstm"))
    if gru is None or lstm is None or gru_value is None or lstm_value is None:
        return None
    gru_weights, lstm_weights = gru.model.parameters, lstm.model.parameters
    measured = (
        f"gru: perplexity {number(gru_value)} with {number(gru_weights, 0)} weights; lstm: perplexity "
        f"{number(lstm_value)} with {number(lstm_weights, 0)} weights (context: stream)"
    )
    holds = gru_weights < lstm_weights and lstm_value < gru_value
    return Claim("The GRU has fewer weights than the LSTM and predicts worse.", measured, holds)


def _carried_state(results: Results) -> Claim | None:
    line, stream = _perplexity(results, "lstm"), _perplexity(results, "lstm", "stream")
    if line is None or stream is None:
        return None
    measured = (
        f"perplexity of lstm: {number(stream)} if the state is carried over, {number(line)} if each line starts with a "
        "new state"
    )
    return Claim(
        "A recurrent network predicts better if it carries its state from line to line.", measured, stream < line
    )


def _repetition(results: Results) -> Claim | None:
    name = next((name for name in ("lstm", *results.networks) if name in results.networks), None)
    if name is None:
        return None
    model = results.networks[name]
    greedy, nucleus = (model.generation.get(strategy) for strategy in ("greedy", "nucleus"))
    natural = model.natural_text.repeated_4grams
    if greedy is None or nucleus is None or natural is None:
        return None
    first, second = greedy.repeated_4grams, nucleus.repeated_4grams
    shares = f"{percent(first)} with greedy decoding, {percent(second)} with nucleus sampling"
    return Claim(
        "Greedy decoding repeats itself more than natural text does; nucleus sampling is closer to natural text.",
        f"share of repeated 4-grams in the texts of {name}: {shares}; in the test text: {percent(natural)}",
        # The absolute value, because texts of the nucleus can also repeat less than natural text.
        first > natural and abs(second - natural) < first - natural,
    )


def _bleu_by_length(results: Results, name: str) -> dict[str, float] | None:
    """Return a dict with a model's BLEU on the shortest and on the longest source sentences.

    The keys are the two ranges of lengths, for example `1-10 words` and `31 and more`.
    """
    model = results.translators.get(name)
    if model is None or len(lengths := source_lengths(model)) < 2:
        return None
    short, long = (bleu_at(model.headline, length) for length in (lengths[0], lengths[-1]))
    if short is None or long is None:
        return None
    return {f"{lengths[0]} words": short, lengths[-1].replace("+", " and more"): long}


def _bottleneck(results: Results) -> Claim | None:
    plain = _bleu_by_length(results, "plain")
    if plain is None:
        return None
    (short, short_bleu), (long, long_bleu) = plain.items()
    measured = (
        f"BLEU of plain: {number(short_bleu, 1)} on sources of {short}, {number(long_bleu, 1)} on sources of {long}"
    )
    return Claim(
        "With one context vector for the whole source, BLEU on long sentences is less than half of BLEU on short ones.",
        measured,
        long_bleu < short_bleu / 2,
    )


def _attention(results: Results) -> Claim | None:
    # Ratios of BLEU are compared, not differences: if the plain model is already good, few points remain to gain.
    plain, attention = (_bleu_by_length(results, name) for name in ("plain", "attention"))
    # A BLEU of zero has no ratio.
    if plain is None or attention is None or attention.keys() != plain.keys() or 0.0 in plain.values():
        return None
    gains = {length: attention[length] / bleu for length, bleu in plain.items()}
    measured = ", ".join(
        f"{number(attention[length], 1)} against {number(bleu, 1)} on sources of {length} "
        f"(× {number(gains[length], 1)})"
        for length, bleu in plain.items()
    )
    short, long = gains.values()
    return Claim(
        "Attention raises BLEU on long sentences, by a larger factor than on short ones.",
        f"BLEU of attention against BLEU of plain: {measured}",
        long > max(short, 1.0),
    )


def _beam(results: Results) -> Claim | None:
    strategies = results.translators["attention"].strategies if "attention" in results.translators else {}
    greedy, beam = strategies.get("greedy"), strategies.get("beam")
    if greedy is None or beam is None:
        return None
    measured = f"attention: BLEU {number(greedy.bleu, 2)} with greedy decoding, {number(beam.bleu, 2)} with beam search"
    return Claim("Beam search has a higher BLEU than greedy decoding.", measured, beam.bleu > greedy.bleu)


def _exposure(results: Results) -> Claim | None:
    plain = results.translators.get("plain")
    greedy = plain.strategies.get("greedy") if plain else None
    if plain is None or greedy is None:
        return None
    forced, free = plain.teacher_forced.token_accuracy, greedy.token_accuracy
    measured = (
        f"reference tokens that the model plain predicts correctly: {percent(forced)} if it reads the earlier "
        f"tokens of the reference, {percent(free)} if it reads its own greedy output"
    )
    return Claim(
        "Exposure bias: a model predicts worse if it reads its own output instead of the reference.",
        measured,
        free < forced,
    )


_CHECKS: tuple[Check, ...] = (
    _sparsity,
    _zero_probability,
    _smoothing,
    # n-gram models have scores in the context `line` only.
    _lower("A network with embeddings predicts better than smoothed counts.", "ffnn", _BEST_SMOOTHER),
    # Networks are compared in the context `stream`, because they were trained on running text.
    _lower("A recurrent network predicts better than a network with a fixed window.", "rnn", "ffnn", "stream"),
    _lower("Gates help: the LSTM predicts better than the plain RNN.", "lstm", "rnn", "stream"),
    _fewer_weights,
    _carried_state,
    _lower("The Transformer predicts better than the LSTM.", "transformer", "lstm", "stream"),
    _repetition,
    _bottleneck,
    _attention,
    _beam,
    _exposure,
)
