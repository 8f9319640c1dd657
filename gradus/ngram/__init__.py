"""n-gram language models: counting, smoothing, scoring, ARPA files.

Each of these has a package of its own; the modules beside them are shared.
"""
