"""Settings: what stands in the environment or in config.toml is checked before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.config import SETTINGS, Settings, load
from webapp.faults import Refused

SECRET = "s" * 40


def given(folder: Path, **environ: str) -> Settings:
    return load({f"MUSTER_{key}": value for key, value in environ.items()}, instance=str(folder))


WRONG = [
    ("PUBLIC_URL", "muster.example.org", "is not a web address"),
    ("PUBLIC_URL", "https://muster.example.org/path", "is not a web address"),
    ("PUBLIC_URL", "https://muster.example.org?to=me", "is not a web address"),
    ("PUBLIC_URL", "https://muster.example.org#top", "is not a web address"),
    ("PUBLIC_URL", "https://me:secret@muster.example.org", "is not a web address"),
    ("PUBLIC_URL", "https://muster.example.org:99999", "is not a web address"),
    ("PUBLIC_URL", "https://[::1", "is not a web address"),
    ("PUBLIC_URL", "http://muster.example.org", "must begin with https://"),
    ("SECRET_KEY", "short", "needs at least 32 characters"),
    ("SECRET_KEY_FALLBACKS", f"{SECRET},short", "needs at least 32 characters"),
    ("SECRET_KEY_FALLBACKS", "change-me" * 5, "is an example"),
    ("MAIL_URL", "nonsense", "must begin with file:, smtp:// or smtps://"),
    ("MAIL_FROM", "nonsense", "'nonsense' is no mail address"),
    ("MAIL_FROM", "@example.org", "is no mail address"),
    ("MAIL_ONLY_TO", "ann@example.org, nonsense", "'nonsense' is no address and no @domain"),
    ("MAIL_ONLY_TO", "@", "'@' is no address and no @domain"),
    ("LIMITS_URL", "nonsense", "must begin with redis://"),
    ("LIMITS_URL", "http://127.0.0.1", "must begin with redis://"),
    *(
        ("TRUSTED_PROXIES", value, "must be a whole number from 0 to 10")
        for value in ("x", "-1", "1.5", "11", "9" * 30, "9" * 5000, "1_0", "  ", "+1", "²")
    ),
    *(
        ("RETENTION_DAYS", value, "must be a whole number from 0 to 36500")
        for value in ("a year", "-1", "-0", "0.5", "36501", "9" * 30, "1e3", " ", "365 days")
    ),
    *(
        (name, f"{scheme}://user:word@host:{port}/0", "no port that can be read")
        for name, scheme in (
            ("MAIL_URL", "smtp"),
            ("BOUNCES_URL", "imaps"),
            ("LIMITS_URL", "redis"),
            ("DATABASE_URL", "postgresql+psycopg"),
        )
        for port in ("99999", "-1", "x", "0", "wo/rd@host:25")
    ),
    ("MAIL_URL", "smtp://user:wo[rd@host:25", "%5B for ["),
    ("DATABASE_URL", "nonsense", "must begin with sqlite:/// or postgresql+psycopg://"),
    ("DATABASE_URL", "mysql://host/name", "must begin with sqlite:/// or postgresql+psycopg://"),
    ("DATABASE_URL", "postgresql+other://h/n", "must begin with sqlite:/// or postgresql"),
    ("DATABASE_URL", "sqlite://", "names no file"),
    ("DATABASE_URL", "sqlite:///", "names no file"),
    ("DATABASE_URL", "sqlite:///:memory:", "names no file"),
    ("METRICS", "yes", "must be 0 or 1"),
    ("METRICS", "2", "must be 0 or 1"),
]


@pytest.mark.parametrize(("name", "value", "reason"), WRONG)
def test_a_wrong_setting_is_named_with_its_reason(
    tmp_path: Path, name: str, value: str, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        given(tmp_path, **{"SECRET_KEY": SECRET, name: value})
    assert [fault.place for fault in refused.value.faults] == [f"MUSTER_{name}"]
    assert reason in str(refused.value.faults[0])


def test_every_wrong_setting_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        given(tmp_path, METRICS="x", RETENTION_DAYS="x", MAIL_FROM="x", PUBLIC_URL="x")
    assert len(refused.value.faults) == 4


def test_a_database_of_ones_own_needs_a_key_and_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        given(tmp_path, DATABASE_URL="sqlite:///x.db")
    (fault,) = refused.value.faults
    assert str(fault).startswith("MUSTER_SECRET_KEY: needs at least 32 characters")
    assert "secrets.token_urlsafe" in str(fault)
    assert given(tmp_path, DATABASE_URL="sqlite:///x.db", SECRET_KEY=SECRET).secret_key == SECRET


@pytest.mark.parametrize("value", ["0", "1", " 30 ", "007", "36500"])
def test_a_number_of_days_within_reason_is_taken(tmp_path: Path, value: str) -> None:
    assert given(tmp_path, RETENTION_DAYS=value).retention_days == int(value)


def test_an_empty_setting_is_none(tmp_path: Path) -> None:
    settings = given(tmp_path, **{setting.name: "" for setting in SETTINGS})
    assert settings == given(tmp_path)


def test_postgresql_needs_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "postgresql+psycopg://muster@/muster?host=/run/postgresql"
    assert given(tmp_path, DATABASE_URL=address, SECRET_KEY=SECRET).database_url == address
    monkeypatch.setattr("webapp.config.find_spec", lambda _: None)
    with pytest.raises(Refused) as refused:
        given(tmp_path, DATABASE_URL=address, SECRET_KEY=SECRET)
    assert "pip install 'muster[postgres]'" in str(refused.value.faults[0])


def test_limits_in_redis_need_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "redis://127.0.0.1:6379"
    assert given(tmp_path, LIMITS_URL=address).limits_url == address
    monkeypatch.setattr("webapp.config.find_spec", lambda _: None)
    with pytest.raises(Refused) as refused:
        given(tmp_path, LIMITS_URL=address)
    assert "pip install 'muster[redis]'" in str(refused.value.faults[0])


def test_right_settings_are_taken_as_they_are(tmp_path: Path) -> None:
    settings = given(
        tmp_path,
        PUBLIC_URL="https://muster.example.org:8443/",
        MAIL_FROM="Muster <muster@example.org>",
        MAIL_ONLY_TO="ann@example.org, @board.example",
        SECRET_KEY_FALLBACKS=f"{SECRET}, {'t' * 40}",
        METRICS="1",
        RETENTION_DAYS="30",
    )
    assert settings.public_url == "https://muster.example.org:8443"
    assert settings.mail_only_to == ("ann@example.org", "@board.example")
    assert settings.secret_key_fallbacks == (SECRET, "t" * 40)
    assert (settings.metrics, settings.retention_days) == (True, 30)


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        'retention_days = 30\nMUSTER_METRICS = true\nmail_only_to = ["@board.example"]\n'
    )
    found = given(tmp_path)
    assert (found.retention_days, found.metrics) == (30, True)
    assert found.mail_only_to == ("@board.example",)
    assert given(tmp_path, RETENTION_DAYS="9", METRICS="0").retention_days == 9
    assert not given(tmp_path, METRICS="0").metrics


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("retention_day = 3\n", "unknown setting RETENTION_DAY"),
        ("[x\n", "config.toml"),
        ("# Stra\u00dfe\n", "config.toml: is not written in UTF-8"),
        ('retention_days = ""\n', "MUSTER_RETENTION_DAYS: must be a whole number"),
        ("retention_days = 1.5\n", "MUSTER_RETENTION_DAYS: must be a whole number"),
        ("retention_days = true\n", "MUSTER_RETENTION_DAYS: must be a whole number"),
        ("trusted_proxies = -1\n", "MUSTER_TRUSTED_PROXIES: must be a whole number"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "config.toml").write_text(content, "latin-1")
    with pytest.raises(Refused) as refused:
        given(tmp_path)
    assert reason in str(refused.value.faults[0])


def test_no_setting_at_all_is_right(tmp_path: Path) -> None:
    settings = given(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'muster.db'}"
    assert settings.mail_url == f"file:{tmp_path / 'outbox'}"
    assert len(settings.secret_key) > 40
    assert given(tmp_path).secret_key == settings.secret_key
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
