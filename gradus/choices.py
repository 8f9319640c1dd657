"""Tables of choices: every kind that a setting of params.yaml may have, listed once.

A table is a tuple of configuration dataclasses, each with a field `kind: Literal["name"]` and a method that builds
what it configures, or a mapping from names to builders where a choice has no settings of its own:

    SMOOTHERS: tuple[type[Smoother], ...] = (MaximumLikelihood, Katz, ...)
    AnySmoother = Annotated[Smoother, OneOf(SMOOTHERS)]         # a type for read_params

So a new kind is a file of its own and one line of its table; the parser, the command line and the tests read the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class OneOf:
    """Annotation of a type: any configuration of a table with at least two rows, told apart by its `kind`."""

    table: Sequence[type]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return pydantic's schema of the tagged union."""
        return handler.generate_schema(Annotated[reduce(or_, self.table), Field(discriminator="kind")])


@dataclass(frozen=True)
class NameOf:
    """Annotation of `str`: any name of a table."""

    table: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return pydantic's schema of a literal."""
        return core_schema.literal_schema(list(self.table))


def kind_of(config: type) -> str:
    """Return the `kind` of a configuration dataclass, declared as `kind: Literal["name"]`."""
    (name,) = get_args(get_type_hints(config)["kind"])
    return str(name)
