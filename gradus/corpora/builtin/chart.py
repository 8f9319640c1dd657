"""Inside probabilities of the spans of a line, computed top down."""

from collections.abc import Sequence

from gradus.corpora.builtin.projection import Node, Projection, Value


class Chart:
    """Chart of one line: the inside probability beta of every symbol and span.

    beta_z(A, i, j) = sum over rules A -> X1 .. Xm of p(rule) * sum over i = k0 < .. < km = j of
    product over r of beta_z(Xr, k(r-1), k(r)), for all topics z at once; for a preterminal it is p(word | A, z).

    The recursion ends because the symbols have no cycle. To save time, a symbol is tried only where the next word can
    begin it, and the rules of a symbol are stored as a prefix tree. Neither changes the sums.

    Args:
        projection: the grammar in the language of the line.
        tokens: tokens of the line, the first one without its capital (`restore_case`).
        scales: factor for the probability of each token, against underflow.

    Source: Baker (1979), Trainable grammars for speech recognition; the top-down order is ours.
    """

    def __init__(self, projection: Projection, tokens: Sequence[str], scales: Sequence[float]) -> None:
        self._projection = projection
        self._tokens = tokens
        self._scales = scales
        self._spans: dict[tuple[int, int], dict[int, Value]] = {}

    def total(self) -> Value | None:
        """Return the probability of the line, or None if it is not a sentence."""
        return self.spans(self._projection.start, 0).get(len(self._tokens))

    def spans(self, symbol: int, start: int) -> dict[int, Value]:
        """Return beta(symbol, start, end) of every possible end, keyed by the end."""
        key = symbol, start
        found = self._spans.get(key)
        if found is None:
            found = self._spans[key] = self._search(symbol, start)
        return found

    def _search(self, symbol: int, start: int) -> dict[int, Value]:
        words = self._projection.words[symbol]
        if words:
            token = self._tokens[start]
            return {start + 1: words[token] * self._scales[start]} if token in words else {}
        found: dict[int, Value] = {}
        self._extend(self._projection.trees[symbol], start, 1.0, found)
        return found

    def _extend(self, node: Node, start: int, value: Value, found: dict[int, Value]) -> None:
        """Add up the rules that continue from a node; `value` is the probability of the items before it."""
        if node.probability:
            found[start] = found.get(start, 0.0) + value * node.probability
        if start == len(self._tokens):
            return
        token = self._tokens[start]
        child = node.words.get(token)
        if child is not None:
            self._extend(child, start + 1, value * self._scales[start], found)
        for symbol, following in node.viable.get(token, ()):
            for end, inner in self.spans(symbol, start).items():
                self._extend(following, end, value * inner, found)
