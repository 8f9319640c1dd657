"""Compute inside probabilities: the probability that a grammar symbol generates a given part of a line."""

from collections.abc import Sequence

from gradus.corpora.builtin.projection import Node, Projection, Value


class Chart:
    """Chart of one line: the inside probability beta of every symbol and every span from i to j.

    For a phrase symbol A and a topic z, the first sum is over all rules A -> X1 .. Xm, and the second sum is over all
    positions i = k0 < .. < km = j:

        beta_z(A, i, j) = sum p(rule) * sum product_r beta_z(Xr, k(r-1), k(r))

    For a preterminal A:

        beta_z(A, i, i + 1) = p(word i | A, z)

    All topics are computed together.

    The recursion ends because the grammar has no cycle. Two shortcuts save time and leave the sums unchanged: a symbol
    is expanded only if it can begin with the next word, and a prefix tree stores common beginnings of rules once.

    Args:
        projection: the grammar in the language of the line.
        tokens: tokens of the line, after `restore_case`.
        scales: one factor per token; it multiplies the probability of the token and prevents underflow.

    Source: Baker (1979), Trainable grammars for speech recognition. Baker computes bottom up; gradus computes top down.
    """

    def __init__(self, projection: Projection, tokens: Sequence[str], scales: Sequence[float]) -> None:
        self._projection = projection
        self._tokens = tokens
        self._scales = scales
        self._spans: dict[tuple[int, int], dict[int, Value]] = {}  # many rules need the same spans

    def total(self) -> Value | None:
        """Return the probability of the line, or None if the grammar does not generate the line."""
        return self.spans(self._projection.start, 0).get(len(self._tokens))

    def spans(self, symbol: int, start: int) -> dict[int, Value]:
        """Return a dict from every possible `end` to beta(symbol, start, end)."""
        key = symbol, start
        found = self._spans.get(key)
        if found is None:
            found = self._spans[key] = self._search(symbol, start)
        return found

    def _search(self, symbol: int, start: int) -> dict[int, Value]:
        words = self._projection.words[symbol]
        if words:  # a preterminal, which covers one token
            token = self._tokens[start]
            return {start + 1: words[token] * self._scales[start]} if token in words else {}
        found: dict[int, Value] = {}
        self._extend(self._projection.trees[symbol], start, 1.0, found)
        return found

    def _extend(self, node: Node, start: int, value: Value, found: dict[int, Value]) -> None:
        """Add the probabilities of all rules below a node of a prefix tree to `found`.

        Args:
            node: the node.
            start: position in the line after the tokens on the path to the node.
            value: probability of these tokens.
            found: dict from the end of a span to its probability.
        """
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
