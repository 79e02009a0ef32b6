"""One module for each concern of the protocol; handlers are short and hold no logic."""
