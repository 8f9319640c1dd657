"""Beam search over a Step, many sentences at a time."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gradus.decoding.hypothesis import Hypothesis, Request, length_penalty
from gradus.decoding.strategy import Beam
from gradus.errors import RunError
from gradus.interfaces.step import Step, StepState, largest
from gradus.text.special import EOS_ID


def beam_search(step: Step[StepState], request: Request, beam: Beam) -> list[list[Hypothesis]]:
    """Return for every sentence its best hypotheses, best first: at least one, at most `beam_size`.

    score = ln P(tokens) / ((5 + length) / 6)^alpha

    The beam holds K hypotheses, ended and growing, by log-probability: at every step the 2K best
    continuations of the growing ones are looked at, K of which at most end. One that ends (EOS, or the last
    position) is kept if it is among the first K, and the K best kept, by score, are never lost. Of the
    others go on as many as have a place in the beam: a kept hypothesis takes the place of a growing one that
    is less probable. A sentence is done when none grows, or when none that grows can still beat the best
    that has ended: its log-probability only falls, so at best its score is
    log_prob / length_penalty(max_length).

    Counting ended hypotheses, and stopping at K of them, would be wrong: a confident model soon ends K
    improbable ones beside the right one.

    So a beam of one is greedy decoding whatever alpha is, and a beam as wide as the space finds the best of
    all rows that end with EOS or have `max_length` tokens. Equals are ranked by hypothesis, then by id.

    Args:
        step: the model; its `start(batch)` has one row per sentence.
    Raises:
        RunError: if for some sentence the model gives every continuation probability zero.
    Source: Wu et al. (2016) for the penalty; Huang, Zhao and Ma (2017), When to Finish?, for the bound.
    """
    search = _Search.begin(request, beam)
    first_rows = torch.arange(request.batch, device=request.device).repeat_interleave(beam.beam_size)
    state = step.select(step.start(request.batch), first_rows)
    tokens = torch.full((request.batch * beam.beam_size,), step.first, device=request.device)
    for position in range(request.max_length):
        log_probs, state = step.step(tokens, state)
        largest(log_probs)  # for its refusal
        tokens, rows = search.advance(log_probs, position)
        if not len(rows):
            break
        state = step.select(state, rows)
    return search.hypotheses()


@dataclass
class _Search:
    """B growing sentences of K hypotheses, and all that was written for all of them.

    A candidate is one of a sentence's 2K continuations at one position; what it wrote and which candidate
    it continued is stored, so that a hypothesis is a position and a candidate, read back to front.
    """

    request: Request
    beam: Beam
    sentences: Tensor  # (B,) those that still grow
    log_probs: Tensor  # (B, K) float64, nats, of the growing hypotheses, best first; -inf: none
    candidates: Tensor  # (B, K) the candidate that each of them is
    written: Tensor  # (T, sentences, 2K) tokens
    parents: Tensor  # (T, sentences, 2K) candidates at the position before
    scores: Tensor  # (sentences, K) of the ended hypotheses, best first; -inf: none
    ended_log_probs: Tensor  # (sentences, K) float64, nats
    ended_at: Tensor  # (sentences, K) position * 2K + candidate

    @classmethod
    def begin(cls, request: Request, beam: Beam) -> "_Search":
        size = (request.batch, beam.beam_size)
        none = torch.full(size, -torch.inf, dtype=torch.float64, device=request.device)
        one = none.clone()
        one[:, 0] = 0.0
        zeros = torch.zeros(size, dtype=torch.int64, device=request.device)
        tree = torch.zeros(
            (request.max_length, request.batch, 2 * beam.beam_size), dtype=torch.int64, device=request.device
        )
        sentences = torch.arange(request.batch, device=request.device)
        return cls(request, beam, sentences, one, zeros, tree, tree.clone(), none, none.clone(), zeros.clone())

    def advance(self, log_probs: Tensor, position: int) -> tuple[Tensor, Tensor]:
        """Take (B * K, V) log-probabilities; return the tokens to feed, (B' * K,), and the rows they continue."""
        totals, origins, tokens = self._best_candidates(log_probs)  # (B, 2K) each
        self.written[position, self.sentences] = tokens
        self.parents[position, self.sentences] = self.candidates.gather(1, origins)
        ended = (tokens == EOS_ID) & self.request.stop_at_eos | (position == self.request.max_length - 1)
        self._keep_ended(totals.masked_fill(~ended, -torch.inf), position)
        going = ended.to(torch.uint8).argsort(dim=1, stable=True)[:, : self.beam.beam_size]  # (B, K)
        self.candidates = going
        self.log_probs = self._with_a_place(totals.masked_fill(ended, -torch.inf).gather(1, going))
        kept = self._unfinished()  # (B',)
        rows = kept[:, None] * self.beam.beam_size + origins.gather(1, going)[kept]
        self.sentences, self.log_probs, self.candidates = self.sentences[kept], self.log_probs[kept], going[kept]
        return tokens.gather(1, going)[kept].flatten(), rows.flatten()

    def _best_candidates(self, log_probs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the log-probabilities, origins in the beam and tokens of the 2K best continuations, best first."""
        size, types = self.beam.beam_size, log_probs.shape[1]
        totals = (self.log_probs.float().view(-1, 1) + log_probs).reshape(-1, size * types)  # (B, K * V)
        chosen = _first_largest(totals, 2 * size)
        origins, tokens = chosen // types, chosen % types
        exact = self.log_probs.gather(1, origins) + log_probs.reshape(-1, size * types).gather(1, chosen)
        return exact, origins, tokens

    def _keep_ended(self, totals: Tensor, position: int) -> None:
        """Merge the ended among the first K candidates into the K best ended hypotheses."""
        size, rows = self.beam.beam_size, self.sentences
        new = totals[:, :size]
        where = (torch.arange(size, device=new.device) + position * 2 * size).expand_as(new)
        penalty = length_penalty(position + 1, self.beam.length_penalty)
        scores, order = torch.cat([self.scores[rows], new / penalty], 1).sort(dim=1, descending=True, stable=True)
        best = order[:, :size]
        self.scores[rows] = scores[:, :size]
        self.ended_log_probs[rows] = torch.cat([self.ended_log_probs[rows], new], 1).gather(1, best)
        self.ended_at[rows] = torch.cat([self.ended_at[rows], where], 1).gather(1, best)

    def _with_a_place(self, growing: Tensor) -> Tensor:
        """Return the log-probabilities (B, K), best first, with -inf for those that kept hypotheses displace."""
        kept = self.ended_log_probs[self.sentences]
        before = torch.arange(growing.shape[1], device=growing.device) + (kept[:, None, :] >= growing[:, :, None]).sum(
            dim=2
        )  # (B, K) hypotheses that come before each
        return growing.masked_fill(before >= self.beam.beam_size, -torch.inf)

    def _unfinished(self) -> Tensor:
        """Return which of the B sentences go on, as positions among them."""
        bound = self.log_probs[:, 0] / length_penalty(self.request.max_length, self.beam.length_penalty)
        return (bound > self.scores[self.sentences, 0]).nonzero().squeeze(1)

    def hypotheses(self) -> list[list[Hypothesis]]:
        """Read every kept hypothesis back to front."""
        if self.scores[:, 0].isneginf().any():
            raise RunError("the model gives no token any probability after some prefix; choose a smoothed model")
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
    """Return the columns of the `count` largest of each row of log-probabilities; of equals the leftmost.

    topk leaves open which of equals it takes, so it is given integers that differ everywhere: the bits of
    |value|, which order non-negative floats, above the column.
    """
    columns = torch.arange(values.shape[1], device=values.device)
    keys = values.abs().view(torch.int32).to(torch.int64).bitwise_left_shift_(32).bitwise_or_(columns)
    return keys.topk(count, dim=1, largest=False).values & 0xFFFFFFFF


def _read_back(written: list[list[int]], parents: list[list[int]], at: int) -> tuple[int, ...]:
    position, candidate = divmod(at, len(written[0]))
    tokens = []
    for place in range(position, -1, -1):
        tokens.append(written[place][candidate])
        candidate = parents[place][candidate]
    return tuple(reversed(tokens))
