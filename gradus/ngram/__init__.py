"""n-gram language models: counting, smoothing, scoring, ARPA files.

Counting, smoothing, scoring and ARPA files have one package each. These packages share the modules of this folder.
"""
