"""Tables of the choices for each key `kind` in `params.yaml`, such as the table of smoothers.

A table is a tuple of configuration dataclasses. Each dataclass has a field `kind: Literal["name"]` and a method that
builds the configured object. If the choices have no settings, the table is a dict from names to functions that build
the object.

    SMOOTHERS: tuple[type[Smoother], ...] = (MaximumLikelihood, Katz, ...)
    AnySmoother = Annotated[Smoother, OneOf(SMOOTHERS)]         # a type for read_params

To add a kind, write a new file and add one line to the table. The parser, the command line and the tests use the table.
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
    """Type annotation: a configuration of one of the classes in a table; its key `kind` selects the class."""

    table: Sequence[type]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return pydantic's schema for a union of the classes, with `kind` as the discriminator."""
        if len(self.table) == 1:  # pydantic discriminates unions only
            return handler.generate_schema(self.table[0])
        # The union is built at run time, so that no second list of the classes exists.
        return handler.generate_schema(Annotated[reduce(or_, self.table), Field(discriminator="kind")])


@dataclass(frozen=True)
class NameOf:
    """Type annotation: a `str` that is one of the names in a table."""

    table: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return pydantic's schema for a `Literal` of the names in the table."""
        return core_schema.literal_schema(list(self.table))


def kind_of(config: type) -> str:
    """Return "name" for a configuration dataclass with the field `kind: Literal["name"]`."""
    (name,) = get_args(get_type_hints(config)["kind"])
    return str(name)
