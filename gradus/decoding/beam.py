"""Beam search: the best of K hypotheses per sentence that grow together."""

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
    """Grow `beam_size` hypotheses side by side; return the best."""

    kind: Literal["beam"]
    beam_size: Annotated[int, Field(ge=1, le=10**9)]
    """Compare this many hypotheses per text; 1 is greedy decoding."""
    length_penalty: Annotated[float, Field(ge=0.0, le=10.0)]
    """Alpha of the divisor ((5 + length) / 6)^alpha: the larger, the longer the texts; 0 ignores length."""

    draws: ClassVar[bool] = False
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("beam", "searches for the most probable text", {"beam_size": 4, "length_penalty": 0.0}),
    )

    def decode(self, step: Step[StepState], request: Request, generator: torch.Generator) -> list[Hypothesis]:
        """Return the best hypothesis of every row; see `Strategy.decode`."""
        return [hypotheses[0] for hypotheses in beam_search(step, request, self)]

    def row_bytes(self) -> RowBytes:
        """Return the memory of one hypothesis; the measured peak is 21 bytes per type and 78 per token."""
        return RowBytes(per_type=20, per_token=64)

    def widths(self) -> Mapping[str, int]:
        """Return the size of the beam."""
        return {"beam_size": self.beam_size}


def beam_search(step: Step[StepState], request: Request, beam: Beam) -> list[list[Hypothesis]]:
    """Return for every sentence its best hypotheses, best first: at least one, at most K = `beam_size`.

    score = ln P(tokens) / ((5 + length) / 6)^alpha

    The beam of a sentence has K slots. One step does this:

    1. Take the 2K most probable continuations of the unfinished hypotheses. At most K of them write EOS, so at least
       K do not, unless this is the last position, where all of them finish.
    2. A continuation that finishes is kept if it is among the first K. The K finished hypotheses with the best scores
       stay in the result.
    3. Unfinished hypotheses fill the beam slots that more probable finished ones leave free.

    A sentence is done when no hypothesis is unfinished, or when none of them can beat the best finished score. The
    log-probability of an unfinished hypothesis only falls, so its score ends at most at
    log_prob / length_penalty(max_length).

    A beam of one is greedy decoding for every alpha. A beam as wide as the space finds the best of all rows that end
    with EOS or have `max_length` tokens. Equals are ranked by hypothesis, then by id.

    Args:
        step: the model; its `start(batch)` has one row per sentence.
    Raises:
        RunError: if the model gives every continuation of some sentence probability zero.
    Source: Wu et al. (2016) for the penalty; Huang, Zhao and Ma (2017), When to Finish?, for the bound.
    """
    search = _Search.begin(request, beam)
    first_rows = torch.arange(request.batch, device=request.device).repeat_interleave(beam.beam_size)
    state = step.select(step.start(request.batch), first_rows)
    tokens = torch.full((request.batch * beam.beam_size,), step.first, device=request.device)
    for position in range(request.max_length):
        log_probs, state = step.step(tokens, state)
        require_numbers(log_probs)
        tokens, rows = search.advance(log_probs, position)
        # Stopping after K finished hypotheses would be wrong: a confident model soon finishes K improbable ones.
        if not len(rows):
            break
        state = step.select(state, rows)
    return search.hypotheses()


@dataclasses.dataclass
class _Search:
    """The unfinished and finished hypotheses of all sentences.

    A candidate is one of the 2K continuations of a sentence at one position. The tree stores the token of every
    candidate and the candidate before it. So a position and a candidate identify a hypothesis, which is read from its
    last token back to its first.
    """

    request: Request
    beam: Beam
    sentences: Tensor
    """Sentences with unfinished hypotheses, int64 (B,)."""
    log_probs: Tensor
    """Nats of the unfinished hypotheses, best first, float64 (B, K); -inf for a free slot."""
    candidates: Tensor
    """Candidate of each unfinished hypothesis, int64 (B, K)."""
    written: Tensor
    """Tokens of the tree, int64 (T, sentences, 2K)."""
    parents: Tensor
    """Candidate at the position before, int64 (T, sentences, 2K)."""
    scores: Tensor
    """Scores of the finished hypotheses, best first, float64 (sentences, K); -inf for none."""
    ended_log_probs: Tensor
    """Nats of the finished hypotheses, float64 (sentences, K)."""
    ended_at: Tensor
    """Last tokens of the finished hypotheses as position * 2K + candidate, int64 (sentences, K)."""

    @classmethod
    def begin(cls, request: Request, beam: Beam) -> "_Search":
        size = (request.batch, beam.beam_size)
        none = torch.full(size, -torch.inf, dtype=torch.float64, device=request.device)
        one = none.clone()
        one[:, 0] = 0.0  # one empty hypothesis per sentence; K equal ones would stay equal
        zeros = torch.zeros(size, dtype=torch.int64, device=request.device)
        tree = torch.zeros(
            (request.max_length, request.batch, 2 * beam.beam_size), dtype=torch.int64, device=request.device
        )
        sentences = torch.arange(request.batch, device=request.device)
        return cls(request, beam, sentences, one, zeros, tree, tree.clone(), none, none.clone(), zeros.clone())

    def advance(self, log_probs: Tensor, position: int) -> tuple[Tensor, Tensor]:
        """Take (B * K, V) log-probabilities; return the tokens to feed, (B' * K,), and the rows that they continue."""
        totals, origins, tokens = self._best_candidates(log_probs)  # (B, 2K) each
        self.written[position, self.sentences] = tokens
        self.parents[position, self.sentences] = self.candidates.gather(1, origins)
        ended = (tokens == EOS_ID) & self.request.stop_at_eos | (position == self.request.max_length - 1)
        self._keep_ended(totals.masked_fill(~ended, -torch.inf), position)
        # A stable sort of "ended" puts the first K unfinished candidates in front, in their order.
        growing = ended.to(torch.uint8).argsort(dim=1, stable=True)[:, : self.beam.beam_size]  # (B, K)
        self.candidates = growing
        self.log_probs = self._in_free_slots(totals.masked_fill(ended, -torch.inf).gather(1, growing))
        kept = self._unfinished()  # (B',)
        rows = kept[:, None] * self.beam.beam_size + origins.gather(1, growing)[kept]
        self.sentences, self.log_probs, self.candidates = self.sentences[kept], self.log_probs[kept], growing[kept]
        return tokens.gather(1, growing)[kept].flatten(), rows.flatten()

    def _best_candidates(self, log_probs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return log-probabilities, origins in the beam and tokens of the 2K best continuations, best first."""
        size, types = self.beam.beam_size, log_probs.shape[1]
        totals = (self.log_probs.float().view(-1, 1) + log_probs).reshape(-1, size * types)  # (B, K * V)
        chosen = _first_largest(totals, 2 * size)
        origins, tokens = chosen // types, chosen % types
        # float32 is enough to rank K * V sums; the 2K chosen are summed again in float64.
        exact = self.log_probs.gather(1, origins) + log_probs.reshape(-1, size * types).gather(1, chosen)
        return exact, origins, tokens

    def _keep_ended(self, totals: Tensor, position: int) -> None:
        """Merge the finished among the first K candidates into the K best finished hypotheses."""
        size, rows = self.beam.beam_size, self.sentences
        new = totals[:, :size]
        at = (torch.arange(size, device=new.device) + position * 2 * size).expand_as(new)
        penalty = length_penalty(position + 1, self.beam.length_penalty)
        scores, order = torch.cat([self.scores[rows], new / penalty], 1).sort(dim=1, descending=True, stable=True)
        best = order[:, :size]
        self.scores[rows] = scores[:, :size]
        self.ended_log_probs[rows] = torch.cat([self.ended_log_probs[rows], new], 1).gather(1, best)
        self.ended_at[rows] = torch.cat([self.ended_at[rows], at], 1).gather(1, best)

    def _in_free_slots(self, growing: Tensor) -> Tensor:
        """Return log-probabilities (B, K), best first, with -inf where finished hypotheses leave no slot."""
        ended = self.ended_log_probs[self.sentences]
        rank = torch.arange(growing.shape[1], device=growing.device)
        more_probable = rank + (ended[:, None, :] >= growing[:, :, None]).sum(dim=2)  # (B, K), finished or not
        return growing.masked_fill(more_probable >= self.beam.beam_size, -torch.inf)

    def _unfinished(self) -> Tensor:
        """Return which of the B sentences go on, as positions among them."""
        bound = self.log_probs[:, 0] / length_penalty(self.request.max_length, self.beam.length_penalty)
        return (bound > self.scores[self.sentences, 0]).nonzero().squeeze(1)

    def hypotheses(self) -> list[list[Hypothesis]]:
        """Return the finished hypotheses of every sentence, best first."""
        require_possible(self.scores[:, 0])
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
    """Return the columns of the `count` largest log-probabilities of each row; among equals, the leftmost.

    topk may take any of equal values, so it gets integers that all differ: the bits of |value| above the column.
    Bits order non-negative floats as their values do.
    """
    columns = torch.arange(values.shape[1], device=values.device)
    keys = values.abs().view(torch.int32).to(torch.int64).bitwise_left_shift_(32).bitwise_or_(columns)
    return keys.topk(count, dim=1, largest=False).values & 0xFFFFFFFF


def _read_back(written: list[list[int]], parents: list[list[int]], at: int) -> tuple[int, ...]:
    """Return the tokens of the hypothesis that ends at position * 2K + candidate."""
    position, candidate = divmod(at, len(written[0]))
    tokens = []
    for place in range(position, -1, -1):
        tokens.append(written[place][candidate])
        candidate = parents[place][candidate]
    return tuple(reversed(tokens))
