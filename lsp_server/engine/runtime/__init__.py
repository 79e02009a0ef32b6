"""The engine process: the only importer of torch and transformers."""
