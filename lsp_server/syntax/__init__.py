"""The only importer of tree-sitter: trees, extents, holes, error spans."""
