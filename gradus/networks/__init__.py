"""Networks, one family a file: config, parts, whole."""
