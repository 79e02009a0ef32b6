"""Use cases: complete, rewrite, fill holes. Offsets and snapshots in, edits or silence out."""
