"""What is trained: the adapter on the frozen base, and the sketcher that drafts for it."""
