"""Where text comes from: the project's own grammar, the registry, the user's folder."""
