"""scripts/build_corpus: text to train on, from packages fetched by name."""
