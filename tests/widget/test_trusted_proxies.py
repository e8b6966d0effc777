"""Proxies that are trusted by their addresses: who is counted as the visitor, and what others' headers do."""

from __future__ import annotations

import dataclasses
import ipaddress
import logging
from typing import Any

import pytest
from flask import Flask, jsonify, request

from widget_server.core.config import Config
from widget_server.core.settings_parser import ConfigError
from widget_server.serve.forwarded import warn_once
from widget_server.web.application import configure_app

NETWORKS = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "192.0.2.9/32", "2001:db8::/64")))


def client_of(networks: tuple[Any, ...]) -> Any:
    """Return a client of an application that answers with what it believes of the caller."""
    app = Flask("callers")
    configure_app(app, dataclasses.replace(Config(), trusted_proxies=networks))
    app.add_url_rule("/", "caller", lambda: jsonify(address=request.remote_addr, scheme=request.scheme))
    return app.test_client()


def test_the_visitor_is_the_last_address_that_is_no_proxy(subtests: pytest.Subtests) -> None:
    client = client_of(NETWORKS)
    for peer, forwarded, expected in (
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7, 10.2.3.4, 192.0.2.9", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "10.9.9.9", "10.9.9.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8:1::7", "2001:db8:1::7"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("203.0.113.9", "10.0.0.1", "203.0.113.9"),
        ("10.0.0.1", "unknown", "unknown"),
    ):
        with subtests.test(peer=peer, forwarded=forwarded):
            headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
            answer = client.get("/", headers=headers, environ_base={"REMOTE_ADDR": peer}).get_json()
            scheme = "http" if peer.startswith("203.") else "https"
            assert answer == {"address": expected, "scheme": scheme}


def start_response(*_: Any) -> Any:
    """Ignore the head of a response."""


def test_a_header_from_elsewhere_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    config = dataclasses.replace(Config(), trusted_proxies=NETWORKS)
    app = warn_once(lambda environ, start_response: [], config)
    with caplog.at_level(logging.WARNING):
        app({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}, start_response)
        app({"REMOTE_ADDR": "203.0.113.9"}, start_response)
        assert caplog.messages == []
        for _ in range(3):
            app({"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}, start_response)
    assert len(caplog.messages) == 1 and "TRUSTED_PROXIES" in caplog.text and "203.0.113" not in caplog.text


def test_the_setting_takes_a_number_or_addresses(subtests: pytest.Subtests) -> None:
    for text, expected in (
        ("2", 2),
        ("10.0.0.0/8,192.0.2.9 2001:db8::/64", NETWORKS),
        ("10.1.2.3/8", NETWORKS[:1]),
    ):
        with subtests.test(text):
            assert Config.from_environ({"TRUSTED_PROXIES": text}).trusted_proxies == expected
    assert Config.from_environ({}).trusted_proxies == 0
    for text in ("11", "-1", "nginx", "10.0.0.0/40", "1.5"):
        with subtests.test(text), pytest.raises(ConfigError, match="TRUSTED_PROXIES"):
            Config.from_environ({"TRUSTED_PROXIES": text})
