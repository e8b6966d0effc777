"""Settings: read once, typed, and invalid ones rejected by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from widget_server.core.config import Config
from widget_server.core.settings_parser import ConfigError

GOOD_SECRET = "q8Vd2nXw7LrT4kYc9mBz3JhF6sGp1aEu"


def test_everything_has_a_default() -> None:
    config = Config.from_environ({})
    assert config.database_url == "sqlite:///var/tilfreds.sqlite3"
    assert (config.secret_file, config.backup_dir) == (Path("var/secret"), Path("var/backups"))
    assert (config.host, config.port, config.live_port) == ("127.0.0.1", 8000, 8001)
    assert config.base_url == "http://127.0.0.1:8000"
    assert config.live_base_url == "http://127.0.0.1:8001"
    assert config.trusted_proxies == 0
    config.check_security()


def test_defaults_follow_other_settings() -> None:
    config = Config.from_environ({"DATA_DIR": "/srv/t", "PORT": "9000", "PUBLIC_URL": "https://rate.example/"})
    assert config.database_url == "sqlite:////srv/t/tilfreds.sqlite3"
    assert config.sqlite_path == Path("/srv/t/tilfreds.sqlite3")
    assert config.secret_file == Path("/srv/t/secret")
    assert config.live_port == 9001
    assert config.base_url == config.live_base_url == "https://rate.example"


def test_an_empty_variable_is_not_set() -> None:
    assert Config.from_environ({"PORT": "", "DATABASE_URL": "", "DEBUG": ""}) == Config.from_environ({})


def test_only_the_given_mapping_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1234")
    assert Config.from_environ({}).port == 8000


NONSENSE = [
    ("PORT", "eighty"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "8000.5"),
    ("LIVE_PORT", "8000"),
    ("LIVE_PORT", "-1"),
    ("DATABASE_URL", "mysql://localhost/x"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "postgresql://"),
    ("PUBLIC_URL", "rate.example"),
    ("PUBLIC_URL", "https://user@rate.example"),
    ("PUBLIC_URL", "https://rate.example/?x=1"),
    ("LIVE_URL", "ws://rate.example"),
    ("SMTP_URL", "mail.example"),
    ("SMTP_URL", "https://mail.example"),
    ("SMTP_URL", "smtp://user:secret@mail.example?tls=none"),
    ("SMTP_URL", "smtp://mail.example:port"),
    ("SMTP_URL", "smtp://mail.example"),
    ("SMTP_FROM", "ratings"),
    ("SMTP_FROM", "ratings@shop.example, other@shop.example"),
    ("SMTP_FROM", "ratings@shop.example"),
    ("WIDGET_FILE", "/KEY.js"),
    ("WIDGET_FILE", "/help/key.js"),
    ("WIDGET_FILE", "/help/facesKEY.js"),
    ("WIDGET_FILE", "/help//KEY.js"),
    ("WIDGET_FILE", "/help/../KEY.js"),
    ("WIDGET_FILE", "/Help/KEY.js"),
    ("WIDGET_FILE", "/api/KEY.js"),
    ("WIDGET_FILE", "/api/faces/KEY.js"),
    ("WIDGET_FILE", "https://cdn.example/w/KEY.js"),
    ("TRUSTED_PROXIES", "all"),
    ("TRUSTED_PROXIES", "-1"),
    ("WEB_WORKERS", "2"),
    ("WEB_THREADS", "0"),
    ("STOP_SECONDS", "forever"),
    ("MAX_BODY_BYTES", "10"),
    ("VOTES_PER_TARGET_PER_MINUTE", "0"),
    ("DEBUG", "maybe"),
    ("METRICS", "sometimes"),
    ("LOG_LEVEL", "loud"),
    ("SECRET_KEYS", "short"),
    ("SECRET_KEYS", "a" * 40),
    ("SECRET_KEYS", "changeme-changeme-changeme-changeme"),
    ("SECRET_KEYS", f"{GOOD_SECRET},tiny"),
    ("SECRET_KEYS_FILE", "/nowhere/at/all"),
    ("DATABASE_URL_FILE", "/nowhere/at/all"),
]


def test_invalid_settings_are_rejected_by_name(subtests: pytest.Subtests) -> None:
    for name, value in NONSENSE:
        with subtests.test(name=name, value=value):
            with pytest.raises(ConfigError) as refused:
                Config.from_environ({name: value})
            sentence = str(refused.value)
            assert name in sentence and sentence.endswith("."), sentence
            assert "\n" not in sentence


def test_the_last_port_has_no_neighbour() -> None:
    with pytest.raises(ConfigError, match="LIVE_PORT"):
        Config.from_environ({"PORT": "65535"})


def test_secrets_may_be_in_files(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgres://t:pass@db/t\n")
    (tmp_path / "keys").write_text(f"{GOOD_SECRET}\n{GOOD_SECRET[::-1]}\n")
    environ = {"DATABASE_URL_FILE": str(tmp_path / "url"), "SECRET_KEYS_FILE": str(tmp_path / "keys")}
    config = Config.from_environ(environ)
    assert config.database_url == "postgresql+psycopg://t:pass@db/t"
    assert config.secret_keys == (GOOD_SECRET.encode(), GOOD_SECRET[::-1].encode())
    assert config.with_secrets() is config


def test_a_secret_set_twice_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SECRET_KEYS and SECRET_KEYS_FILE"):
        Config.from_environ({"SECRET_KEYS": GOOD_SECRET, "SECRET_KEYS_FILE": str(tmp_path)})


def test_the_secret_file_is_read_newest_first(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{GOOD_SECRET}\n{GOOD_SECRET[::-1]}\n")
    config = Config.from_environ({"DATA_DIR": str(tmp_path)})
    assert config.secret_keys == ()
    assert config.with_secrets().secret_keys == (GOOD_SECRET.encode(), GOOD_SECRET[::-1].encode())


@pytest.mark.parametrize("text", ["", "short\n", "\udcff" * 40])
def test_a_bad_secret_file_is_rejected(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match="SECRET_FILE"):
        Config.from_environ({"DATA_DIR": str(tmp_path)}).with_secrets()


UNSAFE: list[tuple[dict[str, str], str]] = [
    ({"HOST": "0.0.0.0"}, "HOST"),
    ({"HOST": "192.0.2.7"}, "HOST"),
    ({"HOST": "::"}, "HOST"),
    ({"PUBLIC_URL": "http://rate.example"}, "PUBLIC_URL"),
    ({"HOST": "0.0.0.0", "PUBLIC_URL": "http://192.0.2.7:8000"}, "PUBLIC_URL"),
    ({"HOST": "0.0.0.0", "PUBLIC_URL": "https://rate.example", "DEBUG": "true"}, "DEBUG"),
    ({"PUBLIC_URL": "https://rate.example", "DEBUG": "1"}, "DEBUG"),
    ({"LIVE_URL": "https://live.rate.example", "DEBUG": "1"}, "DEBUG"),
    ({"PUBLIC_URL": "https://rate.example", "LIVE_URL": "http://live.rate.example"}, "LIVE_URL"),
    ({"PUBLIC_URL": "https://rate.example", "LIVE_URL": "http://192.0.2.7:8001"}, "LIVE_URL"),
    ({"LIVE_URL": "http://live.rate.example"}, "LIVE_URL"),
]


def test_unsafe_starts_are_rejected_by_name(subtests: pytest.Subtests) -> None:
    for settings, name in UNSAFE:
        with subtests.test(settings=settings):
            config = Config.from_environ(settings)
            with pytest.raises(ConfigError, match=f"^{name}"):
                config.check_security()


SAFE = [
    {"DEBUG": "true"},
    {"HOST": "localhost", "DEBUG": "yes"},
    {"HOST": "::1"},
    {"HOST": "0.0.0.0", "PUBLIC_URL": "https://rate.example"},
    {"PUBLIC_URL": "https://rate.example", "LIVE_URL": "https://live.rate.example"},
    {"LIVE_URL": "http://localhost:9001", "DEBUG": "true"},
    {"PUBLIC_URL": "https://rate.example"},
    {"PUBLIC_URL": "http://localhost:9000"},
]


def test_safe_starts_are_accepted(subtests: pytest.Subtests) -> None:
    for settings in SAFE:
        with subtests.test(settings=settings):
            Config.from_environ(settings).check_security()


def test_secrets_are_not_printed() -> None:
    config = Config.from_environ(
        {
            "DATABASE_URL": "postgresql://t:hunter22@db:5432/t?sslpassword=hunter22",
            "SECRET_KEYS": GOOD_SECRET,
            "LIMITER_URL": "redis://:hunter22@cache",
        }
    )
    assert config.database_in_words == "postgresql+psycopg://t@db:5432/t"
    assert "hunter22" not in repr(config) and GOOD_SECRET not in repr(config)
