"""What must never be shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lsp_server.context.secrets import TEXTS, holds_secret, private_path

# put together here, so that no scanner takes this file for a leak
EXAMPLES = {
    "private key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "PuTTY private key": "PuTTY-User-Key-" + "File-2: ssh-rsa",
    "age key": "AGE-SECRET-" + "KEY-1" + "Q" * 58,
    "AWS key id": "AKIA" + "IOSFODNN7EXAMPLE",
    "AWS secret key": "aws_secret_" + "access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "Google API key": "AIza" + "S" * 35,
    "Google service account": '{"private_' + 'key_id": "0"}',
    "Azure storage key": "Account" + "Key=" + "a" * 64 + "==",
    "GitHub token": "ghp_" + "a1" * 18,
    "GitLab token": "glpat-" + "a1" * 10,
    "Slack token": "xoxb-" + "1234567890-abc",
    "Stripe key": "sk_" + "live_" + "a" * 24,
    "OpenAI or Anthropic key": "sk-" + "ant-api03-" + "a" * 30,
    "Hugging Face token": "hf_" + "A" * 34,
    "npm token": "npm_" + "A" * 36,
    "PyPI token": "pypi-" + "AgEIcHlwaS5vcmc" * 3,
    "SendGrid key": "SG." + "a" * 22 + "." + "b" * 43,
    "JSON web token": "eyJ" + "hbGciOiJIUzI1NiJ9." + "eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0." + "abc",
    "login in an address": "postgres://admin:" + "hunter22@db/x",
    "assigned secret": 'db_password = "' + 'correcthorse9"',
}


@pytest.mark.parametrize(
    "name",
    [
        *(".env", ".env.local", "prod.env", "server.pem", "tls.KEY", "id_rsa", "id_ed25519.pub", "a.p12"),
        *("vault.kdbx", ".netrc", ".npmrc", ".pypirc", "credentials", "credentials.json", "Secrets.toml"),
        *("secrets.yaml", "prod.tfvars", "terraform.tfstate", ".bash_history", ".git-credentials"),
    ],
)
def test_private_names(name: str) -> None:
    """Names of the table are private, in upper case too."""
    assert private_path(Path("/project/src") / name)


@pytest.mark.parametrize(
    "name",
    ["main.py", "environment.py", "keys.py", "monkey", "secretary.py", ".env.example", "env.py", "pem.py"],
)
def test_ordinary_names(name: str) -> None:
    """Names that merely resemble private ones are not."""
    assert not private_path(Path("/project/src") / name)


def test_everything_in_a_key_folder_is_private() -> None:
    """Whatever lies in a folder of keys is private; a file called like one is not."""
    assert private_path(Path("/home/me/.ssh/config"))
    assert private_path(Path("/home/me/.aws/sso/cache.json"))
    assert not private_path(Path("/home/me/project/aws/main.py"))


@pytest.mark.parametrize("kind", TEXTS)
def test_every_row_finds_its_example(kind: str) -> None:
    """Each pattern of the table matches a made-up secret of its kind, also in the middle of code."""
    example = EXAMPLES[kind]
    assert re.search(TEXTS[kind], example)
    assert holds_secret(f"def f():\n    x = {example}\n    return x\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def connect(password: str, token: str | None = None) -> Client:",
        "def load(tokenizer_name='bert-base-uncased', path='models/base'):",
        "password = getpass()",
        "https://example.org/a:b@c",
        "url = f'postgres://{user}:{password}@{host}'",
        "-----BEGIN CERTIFICATE-----",
        "const secretName = process.env.SECRET_NAME",
    ],
)
def test_ordinary_code_holds_no_secret(text: str) -> None:
    """Code that speaks of secrets without holding one may be shown."""
    assert not holds_secret(text)
