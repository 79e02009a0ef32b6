"""`python -m lsp_server` is `remask`."""

from lsp_server.cli import main

main()
