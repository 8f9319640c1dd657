"""Tables of choices: one table lists all kinds of smoothers, networks and so on that params.yaml can name.

A table is a tuple of configuration dataclasses. Each has a field `kind: Literal["name"]` and a method that builds the
configured object. For choices without settings, a table is a mapping from names to functions that build the object.

    SMOOTHERS: tuple[type[Smoother], ...] = (MaximumLikelihood, Katz, ...)
    AnySmoother = Annotated[Smoother, OneOf(SMOOTHERS)]         # a type for read_params

A new kind needs a file of its own and one line in the table. The parser, the command line and the tests read the table.
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
    """Annotation for a configuration of any class in a table of at least two; the key `kind` selects the class."""

    table: Sequence[type]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return pydantic's schema of a union that `kind` discriminates."""
        return handler.generate_schema(Annotated[reduce(or_, self.table), Field(discriminator="kind")])


@dataclass(frozen=True)
class NameOf:
    """Annotation for a `str` that is one of a table's names."""

    table: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return pydantic's schema of a literal with these names."""
        return core_schema.literal_schema(list(self.table))


def kind_of(config: type) -> str:
    """Return the `kind` of a configuration dataclass, declared as `kind: Literal["name"]`."""
    (name,) = get_args(get_type_hints(config)["kind"])
    return str(name)
