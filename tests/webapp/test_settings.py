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
    ("TRUSTED_PROXIES", "x", "must be a whole number, 0 or more"),
    ("TRUSTED_PROXIES", "-1", "must be a whole number, 0 or more"),
    ("TRUSTED_PROXIES", "1.5", "must be a whole number, 0 or more"),
    ("RETENTION_DAYS", "a year", "must be a whole number, 0 or more"),
    ("METRICS", "yes", "must be 0 or 1"),
    ("METRICS", "2", "must be 0 or 1"),
]


@pytest.mark.parametrize(("name", "value", "reason"), WRONG)
def test_a_wrong_setting_is_named_with_its_reason(
    tmp_path: Path, name: str, value: str, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        given(tmp_path, **{name: value})
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
    [("retention_day = 3\n", "unknown setting RETENTION_DAY"), ("[x\n", "config.toml")],
)
def test_a_faulty_file_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "config.toml").write_text(content)
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
