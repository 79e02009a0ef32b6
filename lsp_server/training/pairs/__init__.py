"""Instruction pairs made from code itself: a text before, a wish in words, the text after. No torch."""
