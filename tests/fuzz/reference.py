"""The score of a text by an ARPA file, worked out slowly: dictionaries, and the definition of backing off."""

import math

NONE = -math.inf
Model = tuple[dict[tuple[str, ...], float], dict[tuple[str, ...], float]]


def read(text: str) -> Model:
    """Return log10 p and log10 of the back-off weight of every n-gram of an ARPA file that is well-formed."""
    probs: dict[tuple[str, ...], float] = {}
    weights: dict[tuple[str, ...], float] = {}
    order = 0
    for line in text.split("\n"):
        mark = line.strip(" \t\r\v\f")
        if order and line.startswith("\\end"):
            break
        fields = [part for part in line.replace("\r", " ").replace("\t", " ").split(" ") if part]
        if line.startswith("\\") or (mark.startswith("\\") and not order):
            order = int(mark[1 : -len("-grams:")]) if mark.endswith("-grams:") else 0
        elif fields and order:
            words = tuple("<unk>" if word == "<UNK>" else word for word in fields[1 : order + 1])
            probs[words] = NONE if words[-1] == "<s>" else _log10(fields[0])
            weights[words] = _log10(fields[order + 1]) if len(fields) > order + 1 else 0.0
    probs.setdefault(("<unk>",), -100.0)
    return probs, weights


def score(model: Model, line: list[str], order: int) -> list[float]:
    """Return log10 p of every word of a line and of its end."""
    known = [word if (word,) in model[0] and word != "<s>" else "<unk>" for word in line]
    words = ("<s>", *known, "</s>")
    return [_score(model, words[max(0, at - order + 1) : at], words[at]) for at in range(1, len(words))]


def _score(model: Model, history: tuple[str, ...], word: str) -> float:
    probs, weights = model
    if (*history, word) in probs:
        return probs[(*history, word)]
    return weights.get(history, 0.0) + _score(model, history[1:], word)


def _log10(text: str) -> float:
    value = float(text)
    return NONE if value == -99.0 or value < -1e38 else value  # of a float32 there is no less
