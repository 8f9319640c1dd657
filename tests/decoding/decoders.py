"""Strategies with the settings that tests leave open."""

import torch

from gradus.decoding.beam import Beam
from gradus.decoding.greedy import Greedy
from gradus.decoding.sample import Sample

GREEDY = Greedy(kind="greedy")


def sampling(temperature=1.0, top_k=0, top_p=1.0):
    return Sample(kind="sample", temperature=temperature, top_k=top_k, top_p=top_p)


def beam(size, alpha=0.0):
    return Beam(kind="beam", beam_size=size, length_penalty=alpha)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def greedy(step, request):
    return GREEDY.decode(step, request, torch.Generator())


def sample(step, request, strategy, generator):
    return strategy.decode(step, request, generator)
