"""A synchronous grammar of English and German, whose text has an exactly known entropy."""
