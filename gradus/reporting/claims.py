"""The lecture's claims, each beside what this run measured; where one fails here, it is said."""

from collections.abc import Callable
from dataclasses import dataclass

from gradus.reporting.results import Results, get, headline_strategy, perplexity
from gradus.reporting.table import Marked, Table, number, percent
from gradus.reporting.translation import source_lengths


@dataclass(frozen=True)
class Claim:
    """A sentence of the lecture, the measurement, and whether it bears the sentence out."""

    statement: str
    measured: str
    holds: bool


def claims_table(results: Results) -> Table:
    """Return every claim whose models this run has, with its verdict."""
    found = [claim for check in _CHECKS if (claim := check(results)) is not None]
    rows = [[claim.statement, claim.measured, "holds" if claim.holds else Marked("**fails here**")] for claim in found]
    return Table(
        "claims",
        "One corpus and one seed: a verdict is about this run. `gradus recipe NAME --seeds 1,2,3` asks more than once.",
        ["claim of the lecture", "measured", "verdict"],
        rows,
    )


def _order(results: Results, smoother: str, order: int, key: str) -> float | None:
    value: float | None = get(results.smoothers.get(smoother, {}), f"orders.{order}.{key}")
    return value


def _line(results: Results, name: str, context: str = "line") -> float | None:
    return perplexity(get(results.language_models.get(name, {}), f"test.{context}"))


def _sparsity(results: Results) -> Claim | None:
    first = next(iter(results.smoothers), None)
    orders = sorted(map(int, get(results.smoothers.get(first or "", {}), "orders") or {}))
    if first is None or len(orders) < 2:
        return None
    low, high = (_order(results, first, order, "unseen_share") or 0.0 for order in (orders[0], orders[-1]))
    return Claim(
        "Sparsity: the longer the n-gram, the more of a new text was never seen.",
        f"{percent(low)} of the test text's n-grams of order {orders[0]}, {percent(high)} of order {orders[-1]}",
        high > low,
    )


def _mle(results: Results) -> Claim | None:
    tokens = get(results.smoothers.get("mle", {}), "test.line.zero_tokens")
    if tokens is None:
        return None
    measured = f"{number(tokens, 0)} test tokens have probability zero under maximum likelihood"
    return Claim("Without smoothing, one unseen n-gram makes perplexity infinite.", measured, tokens > 0)


def _smoothing(results: Results) -> Claim | None:
    best = _line(results, "modified_kneser_ney")
    others = {name: value for name in results.smoothers if (value := _line(results, name)) is not None}
    if best is None or len(others) < 2:
        return None
    winner = min(others, key=others.__getitem__)
    return Claim(
        "Among smoothers, modified Kneser-Ney is best.",
        f"{number(best)}; the lowest is {winner} with {number(others[winner])}",
        winner == "modified_kneser_ney",
    )


def _lower(statement: str, better: str, worse: str, context: str = "line") -> Callable[[Results], Claim | None]:
    """Return the check that one model has the lower perplexity."""

    def check(results: Results) -> Claim | None:
        low, high = _line(results, better, context), _line(results, worse, context)
        if low is None or high is None:
            return None
        return Claim(statement, f"{better} {number(low)}, {worse} {number(high)} (context: {context})", low < high)

    return check


def _fewer_weights(results: Results) -> Claim | None:
    models = [results.networks.get(name, {}) for name in ("gru", "lstm")]
    weights = [get(metrics, "model.parameters") for metrics in models]
    gru, lstm = (perplexity(get(metrics, "test.stream")) for metrics in models)
    if gru is None or lstm is None or None in weights:
        return None
    measured = (
        f"gru {number(gru)} with {number(weights[0], 0)} weights, lstm {number(lstm)} with {number(weights[1], 0)} "
        "(context: stream)"
    )
    return Claim(
        "The GRU has fewer weights than the LSTM and predicts worse.", measured, weights[0] < weights[1] and lstm < gru
    )


def _carried_state(results: Results) -> Claim | None:
    line, stream = _line(results, "lstm"), _line(results, "lstm", "stream")
    if line is None or stream is None:
        return None
    measured = f"lstm: {number(stream)} reading the text as one, {number(line)} line by line"
    return Claim("A state carried from line to line predicts better than a new one.", measured, stream < line)


def _repetition(results: Results) -> Claim | None:
    model = next((name for name in ("lstm", *results.networks) if name in results.networks), None)
    if model is None:
        return None
    metrics = results.networks[model]
    greedy, nucleus = (get(metrics, f"generation.{strategy}.repeated_4grams") for strategy in ("greedy", "nucleus"))
    natural = get(metrics, "natural_text.repeated_4grams")
    if greedy is None or nucleus is None or natural is None:
        return None
    shares = f"greedy {percent(greedy)}, nucleus {percent(nucleus)}; in the test text {percent(natural)}"
    return Claim(
        "Greedy decoding repeats itself more than natural text does; nucleus sampling stays nearer to it.",
        f"repeated 4-grams in {model}'s text: {shares}",
        greedy > natural and abs(nucleus - natural) < greedy - natural,
    )


def _bleu_by_length(results: Results, name: str) -> dict[str, float] | None:
    """Return a model's BLEU on the shortest and on the longest sources, by how many words these have."""
    metrics = results.translators.get(name)
    if metrics is None or len(lengths := source_lengths(metrics)) < 2:
        return None
    groups = get(metrics, f"strategies.{headline_strategy(metrics)}.by_source_length")
    names = {f"{lengths[0]} words": lengths[0], lengths[-1].replace("+", " and more"): lengths[-1]}
    found = {name: get(groups, f"{length}.bleu") for name, length in names.items()}
    return found if None not in found.values() else None


def _bottleneck(results: Results) -> Claim | None:
    plain = _bleu_by_length(results, "plain")
    if plain is None:
        return None
    (short, short_bleu), (long, long_bleu) = plain.items()
    measured = f"plain: BLEU {number(short_bleu, 1)} on sources of {short}, {number(long_bleu, 1)} on {long}"
    return Claim(
        "One context vector for the whole source: long sentences lose over half.", measured, long_bleu < short_bleu / 2
    )


def _attention(results: Results) -> Claim | None:
    """Compare factors: a gain in points is bounded by what a model without attention leaves to be gained."""
    plain, attention = (_bleu_by_length(results, name) for name in ("plain", "attention"))
    if plain is None or attention is None or attention.keys() != plain.keys() or 0.0 in plain.values():
        return None
    gains = {length: attention[length] / bleu for length, bleu in plain.items()}
    measured = ", ".join(
        f"{number(attention[length], 1)} against {number(bleu, 1)} on {length} (× {number(gains[length], 1)})"
        for length, bleu in plain.items()
    )
    short, long = gains.values()
    return Claim(
        "Attention helps, most on long sentences.",
        f"BLEU of attention against plain: {measured}",
        long > max(short, 1.0),
    )


def _beam(results: Results) -> Claim | None:
    metrics = results.translators.get("attention", {})
    greedy, beam = (get(metrics, f"strategies.{name}.bleu") for name in ("greedy", "beam"))
    if greedy is None or beam is None:
        return None
    measured = f"attention: BLEU {number(greedy, 2)} greedy, {number(beam, 2)} beam"
    return Claim("Beam search translates better than greedy decoding.", measured, beam > greedy)


def _exposure(results: Results) -> Claim | None:
    metrics = results.translators.get("plain", {})
    forced = get(metrics, "teacher_forced.token_accuracy")
    free = get(metrics, "strategies.greedy.token_accuracy")
    if forced is None or free is None:
        return None
    measured = (
        f"plain: {percent(forced)} of the reference's tokens right after its own prefix, "
        f"{percent(free)} in the same place of what greedy decoding wrote"
    )
    return Claim(
        "Exposure bias: a model is worse after its own output than after the reference.", measured, free < forced
    )


_CHECKS: tuple[Callable[[Results], Claim | None], ...] = (
    _sparsity,
    _mle,
    _smoothing,
    _lower("A network over embeddings predicts better than smoothed counts.", "ffnn", "modified_kneser_ney"),
    # between networks: as they were trained, on running text
    _lower("A recurrent network predicts better than a fixed window.", "rnn", "ffnn", "stream"),
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
