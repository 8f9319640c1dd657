"""How to choose from next-token distributions: the strategies of params.yaml."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.params import STRICT, validated


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Greedy:
    """The most probable token at every step."""

    kind: Literal["greedy"]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Sample:
    """A draw from the distribution: heated or cooled, then cut to k types, then to the nucleus."""

    kind: Literal["sample"]
    temperature: Annotated[float, Field(ge=0.0001, le=1000.0)]
    top_k: Annotated[int, Field(ge=0, le=10**9)]
    """Most probable types kept; 0 keeps all."""
    top_p: Annotated[float, Field(gt=0.0, le=1.0)]
    """Probability that the kept types must reach; 1.0 keeps all."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Beam:
    """The best of `beam_size` hypotheses that grow side by side."""

    kind: Literal["beam"]
    beam_size: Annotated[int, Field(ge=1, le=10**9)]
    length_penalty: Annotated[float, Field(ge=0.0, le=10.0)]
    """Alpha of ((5 + length) / 6)^alpha; 0 does not reward length."""


Strategy = Annotated[Greedy | Sample | Beam, Field(discriminator="kind")]


def read_strategy(values: Mapping[str, Any], where: str) -> Strategy:
    """Check a strategy's settings that do not come from params.yaml; raise InputError, at `where`, as `read_params`."""
    strategy: Any = Strategy
    return cast(Strategy, validated(values, where, strategy))


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GenerateConfig:
    """Section `decode.lm`: text out of a language model, EOS not stopping it."""

    tokens: Annotated[int, Field(ge=4, le=10**9)]
    texts: Annotated[int, Field(ge=1, le=10**9)]
    strategies: Annotated[dict[str, Strategy], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TranslateConfig:
    """Section `decode.mt`: one hypothesis for each source sentence."""

    batch: Annotated[int, Field(ge=1, le=10**9)]
    max_length: Annotated[int, Field(ge=1, le=10**9)]
    pictures: Annotated[int, Field(ge=0, le=10_000)]
    """Sentences whose attention is kept."""
    strategies: Annotated[dict[str, Strategy], Field(min_length=1)]
