"""Sources of the text of registered corpora: files, https servers, and the collections of other libraries."""
