"""Read and write ARPA files, the text format in which toolkits exchange n-gram models."""
