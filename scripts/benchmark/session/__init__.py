"""A recorded session of typing, replayed through the language server and against llama.cpp."""
