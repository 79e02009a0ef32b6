"""What must never be shown to a model: files that hold secrets, and text that looks like one.

Both tables err on the side of silence. A change to them is a change to what
leaves the editor, so each row says what it stands for.
"""

from __future__ import annotations

import re
from fnmatch import translate
from pathlib import Path

NAMES: dict[str, str] = {
    ".env": "environment of a project",
    ".env.*": "environment of a project",
    "*.env": "environment of a project",
    ".envrc": "direnv",
    "*.pem": "certificate or private key",
    "*.key": "private key",
    "*.ppk": "PuTTY private key",
    "*.p8": "PKCS#8 private key",
    "*.p12": "PKCS#12 key store",
    "*.pfx": "PKCS#12 key store",
    "*.jks": "Java key store",
    "*.keystore": "key store",
    "*.kdbx": "KeePass database",
    "*.kdb": "KeePass database",
    "*.asc": "PGP key or message",
    "*.gpg": "PGP key or message",
    "*.age": "age-encrypted file",
    "*.ovpn": "OpenVPN profile with keys",
    "*.mobileprovision": "Apple signing profile",
    "id_rsa*": "SSH key",
    "id_dsa*": "SSH key",
    "id_ecdsa*": "SSH key",
    "id_ed25519*": "SSH key",
    ".netrc": "logins of network tools",
    "_netrc": "logins of network tools",
    ".npmrc": "npm token",
    ".yarnrc*": "npm token",
    ".pypirc": "PyPI token",
    "pip.conf": "index address with a password",
    ".gem-credentials": "RubyGems token",
    ".git-credentials": "git logins",
    ".dockercfg": "registry logins",
    ".htpasswd": "web server logins",
    ".pgpass": "PostgreSQL logins",
    "pgpass.conf": "PostgreSQL logins",
    ".my.cnf": "MySQL logins",
    ".s3cfg": "S3 keys",
    ".boto": "cloud storage keys",
    "kubeconfig*": "cluster logins",
    "*.kubeconfig": "cluster logins",
    "credentials*": "logins of any kind",
    "secret.*": "secrets of any kind",
    "secrets.*": "secrets of any kind",
    "*.secret": "secrets of any kind",
    "*.secrets": "secrets of any kind",
    "*service-account*.json": "cloud service account",
    "*service_account*.json": "cloud service account",
    "client_secret*.json": "OAuth client",
    "application_default_credentials.json": "cloud login",
    "*.tfvars": "Terraform variables",
    "*.tfvars.json": "Terraform variables",
    "*.tfstate": "Terraform state, which repeats every secret",
    "*.tfstate.*": "Terraform state, which repeats every secret",
    "*vault*.yml": "Ansible vault",
    "*vault*.yaml": "Ansible vault",
    "*.agekey": "age key",
    "*_history": "shell history",
    "wp-config.php": "WordPress database login",
    "database.yml": "Rails database login",
    "master.key": "Rails master key",
}
"""File names, as patterns without regard to case, and what they stand for."""

HARMLESS_NAMES = (".env.example", ".env.sample", ".env.template", ".env.dist", "secrets.example.*")
"""Names that `NAMES` covers, but which exist to be read."""

FOLDERS: dict[str, str] = {
    ".ssh": "SSH keys",
    ".gnupg": "PGP keys",
    ".aws": "AWS keys",
    ".azure": "Azure logins",
    ".gcloud": "Google Cloud logins",
    ".kube": "cluster logins",
    ".docker": "registry logins",
    ".password-store": "pass",
    ".secrets": "secrets of any kind",
}
"""Folders all of whose files are private, at any depth, and what they stand for."""

TEXTS: dict[str, str] = {
    "private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
    "PuTTY private key": r"PuTTY-User-Key-File-\d",
    "age key": r"AGE-SECRET-KEY-1[A-Z0-9]{20,}",
    "AWS key id": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "AWS secret key": r"(?i:aws_?secret_?(?:access_?)?key)\W{1,8}[A-Za-z0-9/+=]{40}",
    "Google API key": r"\bAIza[0-9A-Za-z_-]{35}",
    "Google service account": r"\"private_key_id\"\s*:",
    "Azure storage key": r"AccountKey=[A-Za-z0-9+/=]{40,}",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})",
    "GitLab token": r"\bgl(?:pat|dt|rt|cbt)-[A-Za-z0-9_-]{16,}",
    "Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "Stripe key": r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",
    "OpenAI or Anthropic key": r"\bsk-[A-Za-z0-9_-]{20,}",
    "Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}",
    "npm token": r"\bnpm_[A-Za-z0-9]{30,}",
    "PyPI token": r"\bpypi-[A-Za-z0-9_-]{30,}",
    "SendGrid key": r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.",
    "login in an address": r"[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'{}$<>]{1,64}:[^\s:/@\"'{}$<>]{3,128}@",
    "assigned secret": (
        r"(?i:passw(?:or)?d|passphrase|secret|token(?!i)|api_?key|private_?key)[\w-]{0,16}[\"']?"
        r"(?:\s*:\s*\w{1,16})?\s*(?:=|:|=>|:=)\s*[\"'][^\s\"'{}$<>]{12,}[\"']"
    ),
}
"""Texts that are secrets, as regular expressions."""

_NAME = re.compile("|".join(map(translate, NAMES)), re.IGNORECASE)
_HARMLESS = re.compile("|".join(map(translate, HARMLESS_NAMES)), re.IGNORECASE)
_TEXT = re.compile("|".join(TEXTS.values()))


def private_path(path: Path) -> bool:
    """Whether a file's name or one of its folders says that it may hold secrets."""
    if any(part.lower() in FOLDERS for part in path.parts[:-1]):
        return True
    return bool(_NAME.match(path.name)) and not _HARMLESS.match(path.name)


def holds_secret(text: str) -> bool:
    """Whether `text` contains what looks like a key, a token or a password."""
    return _TEXT.search(text) is not None
