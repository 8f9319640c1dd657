"""The type of the result of a measurement."""

Measured = dict[str, float | int | list[float]]
"""Result of a measurement: dict from the name of a figure to a number or a list of numbers."""
