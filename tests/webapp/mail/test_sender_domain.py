"""What the domain of the sender says about itself, asked of a real name server."""

from __future__ import annotations

import time
from pathlib import Path

import dns.resolver
import pytest

from tests.webapp.mail.names import NameServer
from tests.webapp.mail.stage import settings_for
from webapp.mail import sender_domain
from webapp.mail.sender_domain import Findings, check

DOMAIN = "mail.example.org"
KEY = "v=DKIM1; k=rsa; p=" + "A" * 300
GOOD = {
    DOMAIN: ["verification=1", "v=spf1 include:relay.example.net -all"],
    f"google._domainkey.{DOMAIN}": [KEY],
    f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none"],
}


def found(texts: dict[str, list[str]], domain: str = DOMAIN) -> Findings:
    with NameServer(texts) as server:
        return check(domain, server.resolver)


def without(*names: str, **others: list[str]) -> dict[str, list[str]]:
    return {name: texts for name, texts in {**GOOD, **others}.items() if name not in names}


@pytest.mark.fault("M27")
def test_M27_a_domain_that_says_everything_is_recognized() -> None:
    findings = found(GOOD)
    assert findings.aligned
    assert findings.checked
    assert findings.summary == "Mail from mail.example.org can be recognized as yours."
    assert findings.dkim.words == 'DKIM: a key is published under "google".'


@pytest.mark.fault("M27")
def test_M27_a_domain_that_says_nothing_is_told_so_for_each_of_the_three() -> None:
    findings = found({"example.org": []})
    assert not findings.aligned
    assert findings.checked
    outcomes = (findings.spf.outcome, findings.dkim.outcome, findings.dmarc.outcome)
    assert outcomes == ("missing",) * 3
    assert findings.summary == "Mail from mail.example.org may be refused or land in spam folders."


@pytest.mark.fault("M27")
@pytest.mark.parametrize(
    ("lacking", "aligned"),
    [
        ((DOMAIN,), True),
        ((f"google._domainkey.{DOMAIN}",), True),
        ((DOMAIN, f"google._domainkey.{DOMAIN}"), False),
        ((f"_dmarc.{DOMAIN}",), False),
    ],
)
def test_M27_one_of_spf_and_dkim_is_needed_and_dmarc_always(
    lacking: tuple[str, ...], aligned: bool
) -> None:
    assert found(without(*lacking)).aligned is aligned


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (["v=spf1 +all"], "lets any server send"),
        (["v=spf1 mx ?all"], "lets any server send"),
        (["v=spf1 -all"], "lets no server at all"),
        (["v=spf1 mx -all", "v=spf1 a -all"], "two records"),
        (["v=spf10 mx -all"], "no record"),
    ],
)
@pytest.mark.fault("M27")
def test_M27_a_record_that_protects_nothing_does_not_count(record: list[str], words: str) -> None:
    finding = found(GOOD | {DOMAIN: record}).spf
    assert not finding.good
    assert words in finding.words


def test_a_withdrawn_key_is_no_key_but_others_may_stand_under_other_names() -> None:
    texts = without(f"google._domainkey.{DOMAIN}")
    withdrawn = found(texts | {f"google._domainkey.{DOMAIN}": ["v=DKIM1; p="]})
    assert "a name of your mail service's own" in withdrawn.dkim.words
    elsewhere = found(texts | {f"acme2026._domainkey.{DOMAIN}": [KEY]})
    assert elsewhere.dkim.good


def test_the_domain_above_may_speak_for_the_one_below() -> None:
    texts = without(f"_dmarc.{DOMAIN}") | {"_dmarc.example.org": ["v = DMARC1; p=reject"]}
    assert found(texts).dmarc.good
    with NameServer(without(f"_dmarc.{DOMAIN}")) as server:
        check(DOMAIN, server.resolver)
    assert "_dmarc.org." not in server.asked


def test_a_name_server_that_says_nothing_is_not_waited_for() -> None:
    with NameServer(GOOD, silent=[DOMAIN]) as server:
        began = time.monotonic()
        findings = check(DOMAIN, server.resolver, seconds=0.5)
        assert time.monotonic() - began < 2
    assert not findings.aligned
    assert not findings.checked
    assert "nothing is known" in findings.summary
    assert findings.spf.outcome == "unknown"


@pytest.mark.parametrize("domain", ["", "a" * 70 + ".org", "two..dots.org", "localhost"])
def test_no_domain_is_no_breakdown(domain: str) -> None:
    with NameServer({}) as server:
        assert not check(domain, server.resolver).aligned


def test_other_letters_are_looked_up_as_mail_servers_do() -> None:
    texts = {name.replace(DOMAIN, "xn--bcher-kva.example"): values for name, values in GOOD.items()}
    assert found(texts, "bücher.example").aligned


def test_a_machine_without_name_servers_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> dns.resolver.Resolver:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(sender_domain, "usual_resolver", none)
    assert not check(DOMAIN).checked


def test_the_domain_is_that_of_the_sender(tmp_path: Path) -> None:
    assert sender_domain.domain_of(settings_for(tmp_path, "smtp://relay")) == DOMAIN
    assert sender_domain.domain_of(settings_for(tmp_path)) == "", "mail stays on this machine"
