"""The languages Remask knows: names, files, and the few facts about their text that parsing cannot give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path


class Style(StrEnum):
    """How a language marks the extent of a block."""

    INDENT = "indent"
    BRACE = "brace"
    END = "end"
    """By a closing word: `end`, `fi`, `done`."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    `grammar` is its name in tree-sitter-language-pack, None for text without
    one. `strings` are delimiters, the ones in `long_strings` may span lines.
    `pairs` are the brackets that must balance, as ``"()[]{}"``. `opener` matches
    a line, without its comment, after which a block begins. `prose` is text in
    which quotes and brackets mean nothing.
    """

    id: str
    grammar: str | None
    extensions: tuple[str, ...] = ()
    filenames: tuple[str, ...] = ()
    line_comment: str | None = None
    comments: tuple[str, ...] = ()
    """All starters of comments that run to the end of the line; the first is `line_comment`."""
    block_comment: tuple[str, str] | None = None
    strings: tuple[str, ...] = ('"', "'")
    long_strings: tuple[str, ...] = ()
    char_quote: bool = False
    """`'` quotes one character only (Rust's lifetimes use it too)."""
    pairs: str = "()[]{}"
    style: Style = Style.BRACE
    opener: str = r"(?<![$#=])\{$"
    block_ends: tuple[str, ...] = ()
    prose: bool = False


_C = Language("c", "c", line_comment="//", comments=("//",), block_comment=("/*", "*/"))
_HASH = Language("hash", None, line_comment="#", comments=("#",))
_PROSE = Language(
    id="plaintext",
    grammar=None,
    extensions=(".txt", ".text", ".log"),
    strings=(),
    pairs="",
    style=Style.NONE,
    opener="(?!)",
    prose=True,
)
_MARKUP = Language(
    "html",
    "html",
    (".html", ".htm", ".xhtml"),
    block_comment=("<!--", "-->"),
    strings=(),
    pairs="",
    opener=r"<(?![/!?])[A-Za-z][^<>]*(?<!/)>$",
)
_JS_STRINGS = ('"', "'", "`")
_TRIPLE = ('"""', "'''", '"', "'")
_PYTHON_OPENER = (
    r"^\s*(?:(?:async\s+)?(?:def|class|if|elif|else|for|while|try|except|finally|with|match|case)\b.*"
    r"|[)\]}].*):$"
)
_RUBY_OPENER = (
    r"^\s*(?:def|class|module|if|unless|while|until|for|case|begin|else|elsif|when|rescue|ensure|in)\b(?!.*\bend$)"
    r"|(?:\bdo|(?<!#)\{)(?:\s*\|[^|]*\|)?$"
)

PLAIN = _PROSE


def _c(id_: str, *extensions: str, grammar: str = "", strings: tuple[str, ...] = ('"', "'")) -> Language:
    return replace(_C, id=id_, grammar=grammar or id_, extensions=extensions, strings=strings)


def _hash(id_: str, *extensions: str, **rest: object) -> Language:
    return replace(_HASH, **({"id": id_, "grammar": id_, "extensions": extensions} | rest))  # type: ignore[arg-type]


_LANGUAGES: tuple[Language, ...] = (
    PLAIN,
    _hash(
        "python",
        *(".py", ".pyi", ".pyw"),
        strings=_TRIPLE,
        long_strings=('"""', "'''"),
        style=Style.INDENT,
        opener=_PYTHON_OPENER,
    ),
    replace(_c("javascript", ".js", ".mjs", ".cjs", strings=_JS_STRINGS), long_strings=("`",)),
    replace(_c("javascriptreact", ".jsx", grammar="javascript", strings=_JS_STRINGS), long_strings=("`",)),
    replace(_c("typescript", ".ts", ".mts", ".cts", strings=_JS_STRINGS), long_strings=("`",)),
    replace(_c("typescriptreact", ".tsx", grammar="tsx", strings=_JS_STRINGS), long_strings=("`",)),
    replace(_c("go", ".go", strings=_JS_STRINGS), long_strings=("`",)),
    replace(_c("rust", ".rs", strings=('"',)), long_strings=('"',), char_quote=True),
    replace(_c("java", ".java", strings=('"""', '"', "'")), long_strings=('"""',)),
    _c("c", ".c", ".h"),
    _c("cpp", ".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx", ".ipp", ".inl"),
    _c("csharp", ".cs", ".csx"),
    _hash(
        "ruby",
        *(".rb", ".rake", ".gemspec"),
        filenames=("Rakefile", "Gemfile"),
        style=Style.END,
        opener=_RUBY_OPENER,
        block_ends=("end",),
    ),
    replace(_c("php", ".php", ".phtml"), comments=("//", "#")),
    _hash(
        "bash",
        *(".sh", ".bash", ".zsh", ".ksh"),
        filenames=(".bashrc", ".bash_profile", ".profile", ".zshrc"),
        long_strings=('"', "'"),
        pairs="[]{}",
        style=Style.END,
        opener=r"(?:\b(?:then|do|else|in)|(?<!\$)\{)$",
        block_ends=("fi", "done", "esac"),
    ),
    Language("json", "json", (".json", ".webmanifest"), (".prettierrc",), strings=('"',), opener=r"[\[{]$"),
    _c("jsonc", ".jsonc", ".code-workspace", grammar="json", strings=('"',)),
    _hash("yaml", ".yaml", ".yml", strings=('"',), pairs="[]{}", style=Style.INDENT, opener=r":$|^\s*-$"),
    _hash("toml", ".toml", strings=_TRIPLE, long_strings=('"""', "'''"), opener="(?!)"),
    _MARKUP,
    replace(_MARKUP, id="xml", grammar="xml", extensions=(".xml", ".xsd", ".xsl", ".svg", ".csproj")),
    replace(_MARKUP, id="vue", grammar="vue", extensions=(".vue",)),
    replace(_MARKUP, id="svelte", grammar="svelte", extensions=(".svelte",)),
    replace(_c("css", ".css"), line_comment=None, comments=()),
    _c("scss", ".scss"),
    _c("less", ".less", grammar="scss"),
    Language(
        "lua",
        "lua",
        (".lua",),
        line_comment="--",
        comments=("--",),
        block_comment=("--[[", "]]"),
        style=Style.END,
        opener=r"\b(?:then|do|else|repeat)$|\bfunction\b[^()]*\([^()]*\)$",
        block_ends=("end", "until"),
    ),
    Language(
        "sql",
        "sql",
        (".sql", ".ddl"),
        line_comment="--",
        comments=("--",),
        block_comment=("/*", "*/"),
        pairs="()[]",
        style=Style.END,
        opener=r"(?i:\b(?:begin|then|else)|\()$",
        block_ends=("end", "END", "end;", "END;"),
    ),
    replace(
        _PROSE,
        id="markdown",
        grammar="markdown",
        extensions=(".md", ".markdown"),
        block_comment=("<!--", "-->"),
    ),
    replace(_c("kotlin", ".kt", ".kts", strings=('"""', '"', "'")), long_strings=('"""',)),
    replace(_c("swift", ".swift", strings=('"""', '"')), long_strings=('"""',)),
    replace(_c("scala", ".scala", ".sc", strings=('"""', '"')), long_strings=('"""',)),
    _c("dart", ".dart"),
    replace(_c("zig", ".zig"), block_comment=None),
    _c("objective-c", ".m", ".mm", grammar="objc"),
    _c("proto3", ".proto", grammar="proto"),
    _hash("graphql", ".graphql", ".gql"),
    _hash("r", ".r", ".R"),
    _hash("terraform", ".tf", ".tfvars", ".hcl", grammar="hcl"),
    _hash("powershell", ".ps1", ".psm1"),
    _hash("perl", ".pl", ".pm"),
    _hash("dockerfile", ".dockerfile", filenames=("Dockerfile", "Containerfile"), opener="(?!)"),
    _hash("makefile", ".mk", grammar="make", filenames=("Makefile", "makefile"), strings=(), opener=r":$"),
    _hash(
        "elixir",
        *(".ex", ".exs"),
        strings=('"""', '"'),
        long_strings=('"""',),
        style=Style.END,
        opener=r"(?:\bdo|\belse|->)$",
        block_ends=("end",),
    ),
)

_ALIASES = {
    "shellscript": "bash",
    "sh": "bash",
    "zsh": "bash",
    "shell": "bash",
    "c_sharp": "csharp",
    "cs": "csharp",
    "c++": "cpp",
    "golang": "go",
    "js": "javascript",
    "jsx": "javascriptreact",
    "ts": "typescript",
    "tsx": "typescriptreact",
    "py": "python",
    "rb": "ruby",
    "rs": "rust",
    "yml": "yaml",
    "md": "markdown",
    "make": "makefile",
    "hcl": "terraform",
    "proto": "proto3",
    "objc": "objective-c",
    "dockercompose": "yaml",
    "text": "plaintext",
}

_BY_ID = {language.id: language for language in _LANGUAGES}
_BY_EXTENSION = {end.lower(): language for language in _LANGUAGES for end in language.extensions}
_BY_FILENAME = {name: language for language in _LANGUAGES for name in language.filenames}


def languages() -> tuple[Language, ...]:
    """Every language, plain text first."""
    return _LANGUAGES


def language_for(language_id: str, path: Path | None = None) -> Language:
    """The language of an LSP language id; the file's name decides where the id says nothing.

    Plain text, which has no grammar, for what is unknown.
    """
    name = language_id.strip().lower()
    known = _BY_ID.get(_ALIASES.get(name, name))
    if known is not None and known is not PLAIN:
        return known
    return (language_of_path(path) if path is not None else None) or PLAIN


def language_of_path(path: Path) -> Language | None:
    """The language of a file by its name, or None if that tells nothing (or the file is binary)."""
    return _BY_FILENAME.get(path.name) or _BY_EXTENSION.get(path.suffix.lower())
