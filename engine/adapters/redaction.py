"""Owns the removal of secrets from text: error sentences, log records and anything stored pass through here.

Exception texts of ccxt carry signed URLs and its DEBUG logs print the key headers (FACTS 4). This never decides what is
logged and never knows a key unless it is told one. Clean text goes on to messages, logs and the journal. Put
`RedactingFilter` on handlers, not on loggers: a logger's filter does not see the records of its children.
"""

import logging
import re
from collections.abc import Iterable

MARK = "[redacted]"
MIN_SECRET_LENGTH = 4  # a shorter "secret" would blank out ordinary words

_QUERY = re.compile(r"""(?P<url>\b(?:https?|wss?)://[^\s?"'<>]+)\?[^\s"'<>]*""", re.IGNORECASE)
_USERINFO = re.compile(r"""(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/@"']+@""", re.IGNORECASE)
_NAMES = (
    r"x-bapi-(?:api-key|sign)|x-mbx-apikey|ok-access-(?:key|sign|passphrase)|[a-z0-9_-]*api[-_]?(?:key|secret|sign)"
    r"|(?:secret|private|access)[-_]?key|[a-z0-9_-]*secret|passphrase|password|signature|sign|listen[-_]?key"
    r"|(?:access|refresh|auth|bearer)?[-_]?token"
)
_PAIR = re.compile(rf"""(?P<name>(?<![a-z0-9])(?:{_NAMES})["']?\s*[:=]\s*["']?)[^\s"'&,;}})]+""", re.IGNORECASE)
_AUTHORIZATION = re.compile(r"""(?P<name>\bauthorization["']?\s*[:=]\s*["']?)[^"'\r\n,}]+""", re.IGNORECASE)


_REMEMBERED: set[str] = set()  # of this process: whatever is redacted from now on is cleaned of them


def remember_secrets(*secrets: str) -> None:
    """Take these out of every text that is redacted in this process from now on."""
    _REMEMBERED.update(secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` without URL queries, URL passwords, values that look like keys, and the given `secrets`.

    Every query goes, signed or not: telling them apart would be one more way to be wrong.
    """
    for secret in (*secrets, *_REMEMBERED):
        if len(secret) >= MIN_SECRET_LENGTH:
            text = text.replace(secret, MARK)
    text = _USERINFO.sub(rf"\g<scheme>{MARK}@", text)
    text = _QUERY.sub(rf"\g<url>?{MARK}", text)
    text = _AUTHORIZATION.sub(rf"\g<name>{MARK}", text)
    return _PAIR.sub(rf"\g<name>{MARK}", text)


class RedactingFilter(logging.Filter):
    """A handler's filter that rewrites each record, its traceback included, and lets all of them pass."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite `record` in place; other handlers that share it then see the clean text too."""
        record.msg = redact(record.getMessage(), self._secrets)
        record.args = ()
        if record.exc_info:
            # Formatters print `exc_text` where there is one; without `exc_info` none can format the traceback anew.
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = redact(record.exc_text, self._secrets)
        if record.stack_info:
            record.stack_info = redact(record.stack_info, self._secrets)
        return True
