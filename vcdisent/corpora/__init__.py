"""Corpora on disk, made into Kaldi data dirs: one module per corpus, each with a `prepare`."""
