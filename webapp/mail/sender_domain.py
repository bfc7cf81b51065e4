"""Whether the domain that mail comes from vouches for it: SPF, DKIM and DMARC in plain words.

Large mail providers refuse or hide mail whose domain says nothing about who may send for it.
What is asked is public (RFC 7208, 6376, 7489); a DKIM key stands under a name that only its owner
knows, so the usual names are tried and a key under another name is told apart from none.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import dns.exception
import dns.name
import dns.resolver

from webapp.config import Settings, is_loopback
from webapp.mail import headers

SECONDS: Final = 4.0
# Names under which large providers and common mail servers publish their DKIM keys.
SELECTORS: Final = (
    *("selector1", "selector2", "google", "default", "mail", "dkim", "k1", "k2", "s1", "s2"),
    *("smtp", "key1", "fm1", "mandrill", "mx", "pm", "zoho", "protonmail"),
)
_ANYONE: Final = frozenset({"all", "+all", "?all"})

Outcome = Literal["good", "missing", "wrong", "unknown"]


@dataclass(frozen=True)
class Finding:
    """One thing about the domain: how it stands, and what that means, in a sentence."""

    outcome: Outcome
    words: str

    @property
    def good(self) -> bool:
        return self.outcome == "good"


@dataclass(frozen=True)
class Findings:
    """What the domain of the sender says about itself; ``checked`` is false without an answer."""

    domain: str
    spf: Finding
    dkim: Finding
    dmarc: Finding

    @property
    def aligned(self) -> bool:
        """Whether mail from this domain can be recognized: SPF or DKIM stands, and DMARC too."""
        return (self.spf.good or self.dkim.good) and self.dmarc.good

    @property
    def checked(self) -> bool:
        """Whether the name servers answered, so that a fault found here is one."""
        return all(one.outcome != "unknown" for one in (self.spf, self.dkim, self.dmarc))

    @property
    def summary(self) -> str:
        """All of it in one sentence."""
        if self.aligned:
            return f"Mail from {self.domain} can be recognized as yours."
        if not self.checked:
            return f"The name servers of {self.domain} did not answer in time, so nothing is known."
        return f"Mail from {self.domain} may be refused or land in spam folders."


def domain_of(settings: Settings) -> str:
    """The domain of ``MUSTER_MAIL_FROM``; empty where mail does not leave this machine."""
    domain = headers.sender_address(settings).rpartition("@")[2].casefold()
    return "" if is_loopback(domain) or settings.mail_url.startswith("file:") else domain


def usual_resolver() -> dns.resolver.Resolver:
    """The resolver of this machine. Raises ``dns.exception.DNSException`` if it has none."""
    return dns.resolver.Resolver()


def check(
    domain: str, resolver: dns.resolver.Resolver | None = None, seconds: float = SECONDS
) -> Findings:
    """Look at what ``domain`` publishes; never takes longer than about ``seconds``.

    Nothing is raised: where no name server answers, the findings say ``unknown``.
    """
    try:
        asked = _Asked(domain, resolver or usual_resolver(), time.monotonic() + seconds)
    except (dns.exception.DNSException, UnicodeError):
        unknown = Finding("unknown", f"{domain} could not be looked up from this machine.")
        return Findings(domain, unknown, unknown, unknown)
    return Findings(domain, _of(_spf, asked), _of(_dkim, asked), _of(_dmarc, asked))


class _Asked:
    """Questions about one domain, all of them within one span of time."""

    def __init__(self, domain: str, resolver: dns.resolver.Resolver, until: float) -> None:
        self.domain = dns.name.from_text(domain)
        self.resolver = resolver
        self.until = until

    def texts(self, name: dns.name.Name) -> list[str] | None:
        """The TXT records of a name; nothing at all if the name does not exist."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise dns.exception.Timeout
        try:
            answer = self.resolver.resolve(name, "TXT", lifetime=left, search=False)
        except dns.resolver.NXDOMAIN:
            return None
        except dns.resolver.NoAnswer:
            return []
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def _of(look: Callable[[_Asked], Finding], asked: _Asked) -> Finding:
    try:
        return look(asked)
    except dns.exception.DNSException:
        return Finding("unknown", "The name servers did not answer in time.")


def _spf(asked: _Asked) -> Finding:
    found = [
        text.casefold()
        for text in asked.texts(asked.domain) or []
        if text.casefold().split()[:1] == ["v=spf1"]
    ]
    if not found:
        return Finding("missing", "SPF: no record says which servers may send for this domain.")
    if len(found) > 1:
        return Finding("wrong", "SPF: there are two records where one is allowed; both are void.")
    terms = found[0].split()[1:]
    if _ANYONE & set(terms):
        return Finding("wrong", "SPF: the record lets any server send for this domain.")
    if terms in ([], ["-all"], ["~all"]):
        return Finding("wrong", "SPF: the record lets no server at all send for this domain.")
    return Finding("good", "SPF: a record names the servers that may send. Yours must be in it.")


def _dkim(asked: _Asked) -> Finding:
    folder = dns.name.from_text("_domainkey", asked.domain)
    if asked.texts(folder) is None:
        return Finding("missing", "DKIM: no key is published, so nobody can check a signature.")
    for selector in SELECTORS:
        keys = asked.texts(dns.name.from_text(selector, folder)) or []
        if any(_is_key(text) for text in keys):
            return Finding("good", f'DKIM: a key is published under "{selector}".')
    return Finding("good", "DKIM: a key is published, under a name of your mail service's own.")


def _is_key(text: str) -> bool:
    parts = dict(part.strip().partition("=")[::2] for part in text.split(";"))
    return bool(parts.get("p", "").strip())


def _dmarc(asked: _Asked) -> Finding:
    domain = asked.domain
    # What a domain does not say for itself, the one above it may say for both.
    while len(domain.labels) > 2:
        found = [
            text
            for text in asked.texts(dns.name.from_text("_dmarc", domain)) or []
            if text.replace(" ", "").casefold().startswith("v=dmarc1")
        ]
        if len(found) > 1:
            return Finding("wrong", "DMARC: there are two records where one is allowed.")
        if found:
            return Finding(
                "good", "DMARC: a record says what to do with mail that is not really yours."
            )
        domain = domain.parent()
    return Finding("missing", "DMARC: no record. Gmail, Yahoo and Microsoft ask senders for one.")
