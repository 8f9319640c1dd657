"""The built-in corpus: a synchronous grammar of English and German whose entropy is known exactly."""
