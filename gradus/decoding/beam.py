"""Beam search: extend the K best hypotheses of every sentence token by token."""

import dataclasses
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.decoding.hypothesis import Hypothesis, Request, length_penalty
from gradus.decoding.refusals import require_numbers, require_possible
from gradus.decoding.strategy import SETTINGS, Preset, RowBytes, Strategy
from gradus.interfaces.step import Step, StepState
from gradus.text.special import EOS_ID


@dataclass(frozen=True, kw_only=True, config=SETTINGS)
class Beam(Strategy):
    """Extend `beam_size` hypotheses of every text in parallel, and return the best hypothesis."""

    kind: Literal["beam"]
    beam_size: Annotated[int, Field(ge=1, le=10**9)]
    """Number of unfinished texts that the search keeps at every position. A larger number is slower and finds texts of
    higher probability. 1 is greedy decoding."""
    length_penalty: Annotated[float, Field(ge=0.0, le=10.0)]
    """Exponent a of the length penalty: the search divides log-probabilities by `((5 + length) / 6)^a`. A probable text
    is short, so a larger value gives longer texts; 0 is no penalty."""

    draws: ClassVar[bool] = False
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset(
            "beam",
            "searches for the most probable text",
            {"beam_size": 4, "length_penalty": 0.0},
        ),
    )

    def decode(self, step: Step[StepState], request: Request, generator: torch.Generator) -> list[Hypothesis]:
        """Return the best hypothesis of every row; see `Strategy.decode`."""
        return [hypotheses[0] for hypotheses in beam_search(step, request, self)]

    def row_bytes(self) -> RowBytes:
        """Return the memory that one hypothesis takes.

        The measured peaks are 21 bytes per type of the vocabulary and 78 bytes per token of the hypothesis.
        """
        return RowBytes(per_type=20, per_token=64)

    def widths(self) -> Mapping[str, int]:
        """Return the beam size. The search computes this number of rows for every text."""
        return {"beam_size": self.beam_size}


def beam_search(step: Step[StepState], request: Request, beam: Beam) -> list[list[Hypothesis]]:
    """Return the hypotheses with the best scores for every sentence, best first.

    Every sentence has at least one hypothesis and at most K = `beam_size` hypotheses. The score of a hypothesis is

        score = ln P(tokens) / ((5 + length) / 6)^alpha

    The beam of a sentence has K slots for unfinished hypotheses. The search takes three steps at every position:

    1. Find the 2K most probable continuations of the unfinished hypotheses. A continuation that ends with EOS is
       finished. At most K of the 2K end with EOS, so at least K stay unfinished. At the last position, all
       continuations count as finished.
    2. Keep a finished continuation only if it is among the K most probable of the 2K. Of all finished hypotheses of the
       sentence so far, keep the K with the best scores.
    3. Keep an unfinished continuation only if fewer than K hypotheses, finished or not, are more probable.

    The search of a sentence ends when no hypothesis is unfinished, or when no unfinished hypothesis can beat the best
    finished score. The log-probability of an unfinished hypothesis can only fall, so its final score is at most
    `log_prob / length_penalty(max_length)`.

    With K = 1, the search returns the result of greedy decoding for every alpha. If K is as large as the number of
    possible token sequences, the search finds the best of them. Equally probable continuations are ordered by
    hypothesis, then by token id.

    Args:
        step: `Step` of the model. `step.start(batch)` has one row per sentence.
        request: number of sentences and their maximum length.
        beam: settings of the search.
    Raises:
        RunError: if every continuation of some sentence has probability zero.

    Source: Wu et al. (2016) for the penalty; Huang, Zhao and Ma (2017), When to Finish?, for the bound.
    """
    search = _Search.begin(request, beam)
    # K equal rows per sentence, because `advance` expects K rows per sentence at the first position, too.
    first_rows = torch.arange(request.batch, device=request.device).repeat_interleave(beam.beam_size)
    state = step.select(step.start(request.batch), first_rows)
    tokens = torch.full((request.batch * beam.beam_size,), step.first, device=request.device)
    for position in range(request.max_length):
        log_probs, state = step.step(tokens, state)
        require_numbers(log_probs)
        tokens, rows = search.advance(log_probs, position)
        # The search must not stop after K finished hypotheses: a confident model soon finishes K improbable ones.
        if not len(rows):
            break
        state = step.select(state, rows)
    return search.hypotheses()


@dataclasses.dataclass
class _Search:
    """State of a beam search: the unfinished and finished hypotheses of all sentences.

    A candidate is one of the 2K continuations of a sentence at one position. For every candidate, a tree stores its
    token and its parent, which is a candidate at the previous position. So a position and a candidate identify a
    hypothesis. The tokens of a hypothesis are read from the last position back to the first.
    """

    request: Request
    beam: Beam
    sentences: Tensor
    """Indices of the B sentences whose search has not ended, int64, shape (B,)."""
    log_probs: Tensor
    """Log-probabilities of the unfinished hypotheses, best first, float64, shape (B, K). An empty slot has -inf."""
    candidates: Tensor
    """Candidate at the last position of each unfinished hypothesis, int64, shape (B, K)."""
    written: Tensor
    """Token of every candidate at each of the T positions, int64, shape (T, sentences, 2K)."""
    parents: Tensor
    """Parent of every candidate at each of the T positions, int64, shape (T, sentences, 2K)."""
    scores: Tensor
    """Scores of the finished hypotheses, best first, float64, shape (sentences, K). An empty place has -inf."""
    ended_log_probs: Tensor
    """Log-probabilities of the finished hypotheses, float64, shape (sentences, K)."""
    ended_at: Tensor
    """Last position and last candidate of each finished hypothesis, int64, shape (sentences, K).

    Both are stored in one number, `position * 2K + candidate`.
    """

    @classmethod
    def begin(cls, request: Request, beam: Beam) -> "_Search":
        size = (request.batch, beam.beam_size)
        none = torch.full(size, -torch.inf, dtype=torch.float64, device=request.device)
        one = none.clone()
        one[:, 0] = 0.0  # one empty hypothesis per sentence: K equal hypotheses would stay equal
        zeros = torch.zeros(size, dtype=torch.int64, device=request.device)
        tree = torch.zeros(
            (request.max_length, request.batch, 2 * beam.beam_size), dtype=torch.int64, device=request.device
        )
        sentences = torch.arange(request.batch, device=request.device)
        return cls(request, beam, sentences, one, zeros, tree, tree.clone(), none, none.clone(), zeros.clone())

    def advance(self, log_probs: Tensor, position: int) -> tuple[Tensor, Tensor]:
        """Extend the hypotheses by one token.

        Args:
            log_probs: log-probabilities of the next token, shape (B * K, V).
            position: position of the next token, counted from 0.
        Returns:
            Two tensors of shape (C * K,), where C is the number of sentences whose search goes on: the new tokens, and
            for each token the row of the hypothesis that it extends.
        """
        totals, origins, tokens = self._best_candidates(log_probs)  # (B, 2K) each
        self.written[position, self.sentences] = tokens
        self.parents[position, self.sentences] = self.candidates.gather(1, origins)
        ended = (tokens == EOS_ID) & self.request.stop_at_eos | (position == self.request.max_length - 1)
        self._keep_ended(totals.masked_fill(~ended, -torch.inf), position)
        # A stable sort by `ended` moves the unfinished candidates to the front and keeps their order.
        growing = ended.to(torch.uint8).argsort(dim=1, stable=True)[:, : self.beam.beam_size]  # (B, K)
        self.candidates = growing
        self.log_probs = self._in_free_slots(totals.masked_fill(ended, -torch.inf).gather(1, growing))
        kept = self._unfinished()  # (B',)
        rows = kept[:, None] * self.beam.beam_size + origins.gather(1, growing)[kept]
        self.sentences, self.log_probs, self.candidates = self.sentences[kept], self.log_probs[kept], growing[kept]
        return tokens.gather(1, growing)[kept].flatten(), rows.flatten()

    def _best_candidates(self, log_probs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the 2K best continuations, best first: log-probabilities, slots of the hypotheses, and new tokens."""
        size, types = self.beam.beam_size, log_probs.shape[1]
        totals = (self.log_probs.float().view(-1, 1) + log_probs).reshape(-1, size * types)  # (B, K * V)
        chosen = _first_largest(totals, 2 * size)
        origins, tokens = chosen // types, chosen % types
        # float32 is enough to rank the K * V sums. Only the 2K chosen sums are computed again in float64.
        exact = self.log_probs.gather(1, origins) + log_probs.reshape(-1, size * types).gather(1, chosen)
        return exact, origins, tokens

    def _keep_ended(self, totals: Tensor, position: int) -> None:
        """Add finished candidates with index below K to the finished hypotheses; keep the K best of each sentence."""
        size, rows = self.beam.beam_size, self.sentences
        new = totals[:, :size]
        at = (torch.arange(size, device=new.device) + position * 2 * size).expand_as(new)
        penalty = length_penalty(position + 1, self.beam.length_penalty)
        # The sort is stable: of hypotheses with equal scores, those that finished first stay first.
        scores, order = torch.cat([self.scores[rows], new / penalty], 1).sort(dim=1, descending=True, stable=True)
        best = order[:, :size]
        self.scores[rows] = scores[:, :size]
        self.ended_log_probs[rows] = torch.cat([self.ended_log_probs[rows], new], 1).gather(1, best)
        self.ended_at[rows] = torch.cat([self.ended_at[rows], at], 1).gather(1, best)

    def _in_free_slots(self, growing: Tensor) -> Tensor:
        """Replace the log-probability of an unfinished hypothesis by -inf if at least K hypotheses are more probable.

        The count includes finished and unfinished hypotheses. The log-probabilities have shape (B, K).
        """
        ended = self.ended_log_probs[self.sentences]
        rank = torch.arange(growing.shape[1], device=growing.device)
        more_probable = rank + (ended[:, None, :] >= growing[:, :, None]).sum(dim=2)  # (B, K)
        return growing.masked_fill(more_probable >= self.beam.beam_size, -torch.inf)

    def _unfinished(self) -> Tensor:
        """Return the rows of the sentences in which an unfinished hypothesis can still beat the best finished score."""
        bound = self.log_probs[:, 0] / length_penalty(self.request.max_length, self.beam.length_penalty)
        # `>`, because a hypothesis that reached the same score earlier would be ranked first.
        return (bound > self.scores[self.sentences, 0]).nonzero().squeeze(1)

    def hypotheses(self) -> list[list[Hypothesis]]:
        """Return the finished hypotheses of every sentence, best first."""
        require_possible(self.scores[:, 0])
        # Lists, because reading single numbers from a tensor is slow.
        written, parents = self.written.transpose(0, 1).tolist(), self.parents.transpose(0, 1).tolist()
        kept = zip(self.scores.tolist(), self.ended_log_probs.tolist(), self.ended_at.tolist(), strict=True)
        return [
            [
                Hypothesis(_read_back(written[sentence], parents[sentence], at), log_prob, score)
                for score, log_prob, at in zip(*ended, strict=True)
                if score > -torch.inf
            ]
            for sentence, ended in enumerate(kept)
        ]


def _first_largest(values: Tensor, count: int) -> Tensor:
    """Return the columns of the `count` largest log-probabilities of each row. Of equal values, the first is taken.

    `torch.topk` may choose any of several equal values. So this function replaces every value by an integer.
    No two integers are equal: the high bits are the bits of `-log_prob`, and the low bits are the column. Then
    `torch.topk` finds the smallest integers. They belong to the largest log-probabilities, because the bits of
    non-negative floats have the same order as the floats.
    """
    columns = torch.arange(values.shape[1], device=values.device)
    keys = values.abs().view(torch.int32).to(torch.int64).bitwise_left_shift_(32).bitwise_or_(columns)
    return keys.topk(count, dim=1, largest=False).values & 0xFFFFFFFF


def _read_back(written: list[list[int]], parents: list[list[int]], at: int) -> tuple[int, ...]:
    """Return the tokens of a hypothesis.

    The number `at = position * 2K + candidate` identifies the last token of the hypothesis.
    """
    position, candidate = divmod(at, len(written[0]))
    tokens = []
    for place in range(position, -1, -1):
        tokens.append(written[place][candidate])
        candidate = parents[place][candidate]
    return tuple(reversed(tokens))
