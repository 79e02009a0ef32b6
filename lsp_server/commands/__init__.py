"""The subcommands of `remask`, one module each; `lsp_server.cli` finds them by name."""
