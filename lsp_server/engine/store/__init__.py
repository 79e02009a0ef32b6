"""Models on disk: the manifest, where they come from, fetching and checking them. Torch-free."""
