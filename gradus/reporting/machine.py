"""Describe in a caption the computer on which a benchmark ran."""

from gradus.results.benchmark import Machine


def describe(machine: Machine) -> str:
    """Return the number of cores, the processor and the memory of a computer, as part of a sentence."""
    return f"{machine.cores:g} cores of {machine.processor}, {machine.memory_gib:g} GiB of memory"
