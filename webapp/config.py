"""Settings: environment variables with the prefix ``MUSTER_``, then ``instance/config.toml``."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from webapp.faults import Fault, Refused

LEAST_SECRET = 32
MAKING_ONE = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
# What stands in examples; whoever copies one has no secret.
NO_SECRETS = ("change me", "changeme", "change-me", "change_me", "example", "secret-key", "replace")
DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
REDIS_SCHEMES = ("redis", "rediss", "redis+unix", "redis+sentinel", "redis+cluster")
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
# The words of TOML are as good as the digits of the environment.
_SWITCH = {"0": False, "1": True, "false": False, "true": True}
_DIGITS = re.compile(r"[0-9]{1,9}")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True)
class Setting:
    """One setting as ``muster --help-settings`` lists it."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("INSTANCE", "instance", "folder for the database, the secret key and development mail"),
    Setting("DATABASE_URL", "sqlite:///<instance>/muster.db", "where everything is kept"),
    Setting("SECRET_KEY", "made and kept in <instance>/secret_key", "signs the convener's cookie"),
    Setting("SECRET_KEY_FALLBACKS", "", "older secret keys still accepted, separated by commas"),
    Setting("PUBLIC_URL", "http://127.0.0.1:8000", "the address every link begins with"),
    Setting(
        "MAIL_URL",
        "file:<instance>/outbox",
        "how mail leaves: file:FOLDER, smtp://user:password@host:587?tls=starttls, smtps://...; "
        "per_minute=30 keeps a pace",
    ),
    Setting("MAIL_FROM", "muster@localhost", "the address mail is sent from, on your own domain"),
    Setting("MAIL_ONLY_TO", "", "addresses or @domains that may get mail; empty means everyone"),
    Setting("BOUNCES_URL", "", "where bounces arrive: maildir:FOLDER, mbox:FILE or imaps://..."),
    Setting("LIMITS_URL", "", "Redis address for rate limits shared by several machines"),
    Setting(
        "TRUSTED_PROXIES",
        "0",
        "how many proxies in front of Muster may be believed; at least 1 where PUBLIC_URL is https",
    ),
    Setting("RETENTION_DAYS", "365", "days after close until names and addresses are purged"),
    Setting("METRICS", "0", "1 serves /metrics"),
)


@dataclass(frozen=True)
class Settings:
    """Every setting, checked."""

    instance: Path
    database_url: str
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    public_url: str
    mail_url: str
    mail_from: str
    mail_only_to: tuple[str, ...]
    bounces_url: str
    limits_url: str
    trusted_proxies: int
    retention_days: int
    metrics: bool

    @property
    def loopback(self) -> bool:
        """Whether people reach this installation on their own machine only."""
        return is_loopback(urlsplit(self.public_url).hostname or "")

    @property
    def cookie_name(self) -> str:
        return "muster" if self.loopback else "__Host-muster"

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which pages are reached, as ``host_of`` gives them."""
        public = {host_of(urlsplit(self.public_url).netloc)}
        return frozenset(public | LOCAL_HOSTS if self.loopback else public)


def host_of(netloc: str) -> str:
    """The host of ``host:port``, in one way of writing it; empty where there is none."""
    try:
        host = urlsplit(f"//{netloc}").hostname or ""
        return str(ipaddress.ip_address(host)) if ":" in host else host.encode("idna").decode()
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load(environ: Mapping[str, str] | None = None, **given: str) -> Settings:
    """The settings in force; ``given`` wins over environment, environment over the file.

    Raises ``Refused`` with every setting that is wrong.
    """
    environ = os.environ if environ is None else environ
    named = {key.upper(): value for key, value in given.items()}
    instance = Path(named.get("INSTANCE") or environ.get("MUSTER_INSTANCE") or "instance")
    from_file = _from_file(instance / "config.toml")
    from_environ = {
        setting.name: environ[f"MUSTER_{setting.name}"]
        for setting in SETTINGS
        if environ.get(f"MUSTER_{setting.name}")
    }
    if environ.get("FLASK_DEBUG", "0").casefold() not in {"", "0", "false", "no"}:
        raise Refused([Fault("FLASK_DEBUG", "shows strangers the machinery; unset it")])
    _need_time_zones()
    raw = {**from_file, **from_environ, **named}
    raw["INSTANCE"] = str(instance.resolve())
    return _checked(raw)


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Names that begin as those of settings do and are none: a mistyped one changes nothing."""
    known = {f"MUSTER_{setting.name}" for setting in SETTINGS}
    return sorted(name for name in environ if name.startswith("MUSTER_") and name not in known)


def _need_time_zones() -> None:
    """Without time zone data every closing time and every planned mail would be wrong."""
    try:
        ZoneInfo("America/Denver")
    except ZoneInfoNotFoundError:
        reason = "there are none on this machine; install them: pip install tzdata"
        raise Refused([Fault("time zones", reason)]) from None


def _from_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise Refused([Fault(str(path), "is not written in UTF-8")]) from error
    except tomllib.TOMLDecodeError as error:
        raise Refused([Fault(str(path), str(error))]) from error
    known = {setting.name for setting in SETTINGS}
    found = {key.upper().removeprefix("MUSTER_"): value for key, value in content.items()}
    unknown = sorted(set(found) - known)
    if unknown:
        raise Refused(Fault(str(path), f"unknown setting {name}") for name in unknown)
    return {
        key: ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in found.items()
    }


def _checked(raw: dict[str, str]) -> Settings:
    faults: list[Fault] = []
    instance = Path(raw["INSTANCE"])
    settings = Settings(
        instance=instance,
        database_url=raw.get("DATABASE_URL") or f"sqlite:///{instance / 'muster.db'}",
        secret_key=_secret(raw, instance),
        secret_key_fallbacks=_list(raw, "SECRET_KEY_FALLBACKS"),
        public_url=_public_url(raw, faults),
        mail_url=raw.get("MAIL_URL") or f"file:{instance / 'outbox'}",
        mail_from=raw.get("MAIL_FROM") or "muster@localhost",
        mail_only_to=_list(raw, "MAIL_ONLY_TO"),
        bounces_url=raw.get("BOUNCES_URL", ""),
        limits_url=raw.get("LIMITS_URL", ""),
        trusted_proxies=_whole(raw, "TRUSTED_PROXIES", 0, range(11), faults),
        retention_days=_whole(raw, "RETENTION_DAYS", 365, range(36501), faults),
        metrics=_on(raw, "METRICS", faults),
    )
    faults += _secret_faults("SECRET_KEY", [settings.secret_key])
    faults += _secret_faults("SECRET_KEY_FALLBACKS", settings.secret_key_fallbacks)
    faults += _database_faults(settings.database_url)
    faults += _mail_faults(settings)
    faults += _limits_faults(settings.limits_url)
    for name in ("DATABASE_URL", "MAIL_URL", "BOUNCES_URL", "LIMITS_URL"):
        faults += _port_faults(name, raw.get(name, ""))
    if faults:
        raise Refused(faults)
    return settings


def _public_url(raw: Mapping[str, str], faults: list[Fault]) -> str:
    url = raw.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    if not _is_host_alone(url):
        faults.append(Fault("MUSTER_PUBLIC_URL", f"{url!r} is not a web address"))
    elif url.startswith("http:") and not is_loopback(urlsplit(url).hostname or ""):
        faults.append(Fault("MUSTER_PUBLIC_URL", "must begin with https:// outside this machine"))
    return url


def _is_host_alone(url: str) -> bool:
    """Whether an address ends with its host or port: links are made by adding a path."""
    try:
        parts = urlsplit(url)
        reachable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    others = (parts.username, parts.password, parts.path, parts.query, parts.fragment)
    return url.startswith(("http://", "https://")) and reachable and not any(others)


def _secret(raw: Mapping[str, str], instance: Path) -> str:
    """The key that was set; else, beside the embedded database, the one made on the first run."""
    given = raw.get("SECRET_KEY", "")
    return given if given or "DATABASE_URL" in raw else _kept_secret(instance)


def _secret_faults(name: str, keys: Sequence[str]) -> Iterator[Fault]:
    if any(len(key) < LEAST_SECRET for key in keys):
        reason = f"needs at least {LEAST_SECRET} characters; this makes some: {MAKING_ONE}"
        yield Fault(f"MUSTER_{name}", reason)
    elif any(word in key.casefold() for key in keys for word in NO_SECRETS):
        yield Fault(f"MUSTER_{name}", "is an example; make one of your own")


def _database_faults(url: str) -> Iterator[Fault]:
    scheme, _, place = url.partition("://")
    if scheme not in DATABASES:
        reason = "must begin with sqlite:/// or postgresql+psycopg://"
        yield Fault("MUSTER_DATABASE_URL", reason)
    elif scheme == "sqlite" and place.strip("/") in {"", ":memory:"}:
        yield Fault("MUSTER_DATABASE_URL", "names no file; write sqlite:///FILE")
    elif scheme != "sqlite" and find_spec("psycopg") is None:
        reason = "needs the package psycopg: pip install 'muster[postgres]'"
        yield Fault("MUSTER_DATABASE_URL", reason)


def _port_faults(name: str, url: str) -> Iterator[Fault]:
    """The password of such an address often holds what an address may not."""
    try:
        readable = urlsplit(url).port != 0
    except ValueError:
        readable = False
    if not readable:
        reason = (
            "has no port that can be read, a number from 1 to 65535; in a password write "
            "%2F for /, %23 for #, %3F for ?, %40 for @, %5B for [ and %5D for ]"
        )
        yield Fault(f"MUSTER_{name}", reason)


def _mail_faults(settings: Settings) -> Iterator[Fault]:
    if settings.mail_url.partition(":")[0] not in {"file", "smtp", "smtps"}:
        yield Fault("MUSTER_MAIL_URL", "must begin with file:, smtp:// or smtps://")
    if not _ADDRESS.fullmatch(parseaddr(settings.mail_from)[1]):
        yield Fault("MUSTER_MAIL_FROM", f"{settings.mail_from!r} is no mail address")
    for entry in settings.mail_only_to:
        if not _ADDRESS.fullmatch(f"any{entry}" if entry.startswith("@") else entry):
            yield Fault("MUSTER_MAIL_ONLY_TO", f"{entry!r} is no address and no @domain")


def _limits_faults(url: str) -> Iterator[Fault]:
    if url and url.partition("://")[0] not in REDIS_SCHEMES:
        yield Fault("MUSTER_LIMITS_URL", "must begin with redis:// or rediss://")
    elif url and find_spec("redis") is None:
        yield Fault("MUSTER_LIMITS_URL", "needs the package redis: pip install 'muster[redis]'")


def _list(raw: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.get(name, "").split(",") if part.strip())


def _whole(
    raw: Mapping[str, str], name: str, default: int, within: range, faults: list[Fault]
) -> int:
    text = raw.get(name, str(default)).strip()
    number = int(text) if _DIGITS.fullmatch(text) else -1
    if number not in within:
        reason = f"must be a whole number from {within[0]} to {within[-1]}"
        faults.append(Fault(f"MUSTER_{name}", reason))
    return number


def _on(raw: Mapping[str, str], name: str, faults: list[Fault]) -> bool:
    value = raw.get(name, "0").casefold()
    if value not in _SWITCH:
        faults.append(Fault(f"MUSTER_{name}", "must be 0 or 1"))
    return _SWITCH.get(value, False)


def _kept_secret(instance: Path) -> str:
    """The secret key kept beside the embedded database, made on the first run."""
    path = instance / "secret_key"
    instance.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text("ascii").strip()
