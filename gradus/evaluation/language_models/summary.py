"""Summarize the scores of a language model for the terminal."""

from collections.abc import Iterator

from gradus.results.score import Scores


def summarize(scores: Scores) -> Iterator[str]:
    """Yield one line of text per context, with the perplexity of the test text or the reason why there is none."""
    for context, score in scores.items():
        if score.perplexity is not None:
            yield f"test, {context}: perplexity {score.perplexity:.2f}, {score.tokens} tokens"
        elif score.zero_tokens:
            zeros = f"{score.zero_tokens} of {score.tokens} tokens have probability zero"
            yield f"test, {context}: infinite perplexity, because {zeros}"
        else:
            yield f"test, {context}: no perplexity, because the scores are not probabilities"
