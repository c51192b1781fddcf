"""From a kubeconfig to an answer: targets, sign-in, proxies, retries, errors."""

from __future__ import annotations

import base64
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.plugins.kubernetes.credentials import (
    Credential,
    Credentials,
    SignInError,
    parse_credential,
    run_plugin,
)
from lab.plugins.kubernetes.kubeconfig import (
    ExecPlugin,
    KubeconfigError,
    User,
    load_kubeconfig,
)
from lab.plugins.kubernetes.proxies import proxy_for

DOCUMENT: dict[str, Any] = {
    "current-context": "one",
    "contexts": [
        {"name": "one", "context": {"cluster": "k", "user": "u", "namespace": "mesh"}},
        {"name": "two", "context": {"cluster": "k", "user": "x"}},
    ],
    "clusters": [
        {"name": "k", "cluster": {"server": "https://k:6443/", "proxy-url": "socks5://p:1"}}
    ],
    "users": [
        {"name": "u", "user": {"token": "t"}},
        {
            "name": "x",
            "user": {
                "exec": {
                    "command": "oci",
                    "args": ["ce"],
                    "env": [{"name": "A", "value": "b"}],
                    "apiVersion": "client.authentication.k8s.io/v1beta1",
                }
            },
        },
    ],
}


def text(**changes: Any) -> str:
    return json.dumps({**DOCUMENT, **changes})


# Kubeconfig.


def test_the_current_context_counts() -> None:
    target = load_kubeconfig(text()).target()
    assert (target.server, target.proxy_url, target.namespace, target.user.token) == (
        "https://k:6443",
        "socks5://p:1",
        "mesh",
        "t",
    )


def test_another_context_can_be_named() -> None:
    user = load_kubeconfig(text()).target(context="two").user
    assert user.exec_plugin == ExecPlugin(
        command="oci",
        args=("ce",),
        env={"A": "b"},
        api_version="client.authentication.k8s.io/v1beta1",
    )


def test_files_are_found_beside_the_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(b"authority")
    clusters = [
        {"name": "k", "cluster": {"server": "https://k", "certificate-authority": "ca.pem"}}
    ]
    (tmp_path / "config").write_text(text(clusters=clusters))
    assert load_kubeconfig(str(tmp_path / "config")).target().authority == b"authority"


def test_the_environment_names_the_kubeconfig_that_nobody_gave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(text())
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'absent'}:{tmp_path / 'config'}")
    assert load_kubeconfig(None).target().cluster == "k"


@pytest.mark.parametrize(
    ("changes", "context", "fault"),
    [
        ({}, "three", "kubeconfig.contexts: no 'three' among 'one', 'two'"),
        ({"clusters": []}, None, "kubeconfig.clusters: no 'k' among none"),
        (
            {"clusters": [{"name": "k", "cluster": {}}]},
            None,
            "kubeconfig.clusters.k.server: missing",
        ),
        (
            {"current-context": ""},
            None,
            "kubeconfig: has no current-context; name one with `context`",
        ),
        (
            {"users": [{"name": "u", "user": {"auth-provider": {}}}]},
            None,
            "kubeconfig: auth-provider is not supported; use exec",
        ),
        (
            {"users": [{"name": "u", "user": {"client-key-data": "%"}}]},
            None,
            "kubeconfig: client-key-data is not base64",
        ),
    ],
)
def test_a_kubeconfig_at_fault_is_told_by_its_entry(
    *, changes: dict[str, Any], context: str | None, fault: str
) -> None:
    with pytest.raises(KubeconfigError) as raised:
        load_kubeconfig(text(**changes)).target(context=context)
    assert str(raised.value) == fault


def test_broken_text_is_told_by_its_line_without_its_content() -> None:
    with pytest.raises(KubeconfigError) as raised:
        load_kubeconfig("a: 1\ntoken: [hush\n")
    assert str(raised.value) == "kubeconfig: not valid YAML at line 3"


def test_a_path_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(KubeconfigError) as raised:
        load_kubeconfig("absent/config")
    assert str(raised.value) == "kubeconfig: neither the text of a kubeconfig nor a path to one"


# Sign-in.

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLUGIN = ExecPlugin(command="oci", args=(), env={}, api_version="v1")


class Issuer:
    """Hands out tokens that live a while, and counts them."""

    def __init__(self, lifetime: timedelta | None) -> None:
        self.lifetime = lifetime
        self.issued = 0
        self.now = NOW

    def __call__(self, plugin: ExecPlugin) -> Credential:
        self.issued += 1
        expires = None if self.lifetime is None else self.now + self.lifetime
        return Credential(f"token-{self.issued}", expires)

    def credentials(self) -> Credentials:
        return Credentials(User(exec_plugin=PLUGIN), run=self, now=lambda: self.now)


def test_a_printed_token_is_kept_until_shortly_before_its_end() -> None:
    issuer = Issuer(timedelta(minutes=4))
    credentials = issuer.credentials()
    first = credentials.header()
    issuer.now = NOW + timedelta(minutes=3, seconds=29)
    assert credentials.header() == first == "Bearer token-1"
    issuer.now = NOW + timedelta(minutes=3, seconds=31)
    assert credentials.header() == "Bearer token-2"


def test_a_token_without_an_end_is_kept_until_it_is_refused() -> None:
    issuer = Issuer(None)
    credentials = issuer.credentials()
    credentials.header()
    issuer.now = NOW + timedelta(days=1)
    assert credentials.header() == "Bearer token-1"
    assert credentials.forget() is True
    assert credentials.header() == "Bearer token-2"


def test_a_given_token_cannot_be_had_anew() -> None:
    assert Credentials(User(token="t")).forget() is False


def test_a_token_file_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    credentials = Credentials(User(token_file=file))
    file.write_text("one\n")
    assert credentials.header() == "Bearer one"
    file.write_text("two\n")
    assert credentials.header() == "Bearer two"


def test_a_password_signs_in_too() -> None:
    expected = base64.b64encode(b"me:hush").decode()
    assert Credentials(User(username="me", password="hush")).header() == f"Basic {expected}"


def test_the_time_of_expiry_is_read() -> None:
    status = {"token": "t", "expirationTimestamp": "2026-11-21T12:04:00Z"}
    credential = parse_credential(json.dumps({"status": status}).encode(), "oci")
    assert credential == Credential("t", NOW + timedelta(minutes=4))


def test_what_a_sign_in_program_prints_is_not_shown() -> None:
    with pytest.raises(SignInError) as raised:
        parse_credential(b'{"status": {"tokn": "hush"}}', "oci")
    assert str(raised.value) == ("sign-in program oci: printed no ExecCredential with a token")


def script(folder: Path, body: str) -> ExecPlugin:
    file = folder / "sign-in"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return ExecPlugin(command=str(file), args=("a b",), env={"WHO": "me"}, api_version="v9")


def test_a_sign_in_program_gets_its_arguments_and_environment(tmp_path: Path) -> None:
    body = """printf '{"status": {"token": "%s-%s"}}' "$1" "$WHO" """
    assert run_plugin(script(tmp_path, body)).token == "a b-me"


def test_a_sign_in_program_that_fails_is_quoted(tmp_path: Path) -> None:
    plugin = script(tmp_path, "echo no session >&2; exit 3")
    with pytest.raises(SignInError) as raised:
        run_plugin(plugin)
    assert str(raised.value) == f"sign-in program {plugin.command}: exit 3: no session"


# Proxies.

LAB = {
    "HTTPS_PROXY": "http://127.0.0.1:17480",
    "NO_PROXY": "198.18.0.0/30,203.0.113.0/24,.internal,plain:6443",
}


@pytest.mark.parametrize(
    ("server", "proxy_url", "expected"),
    [
        ("https://203.0.113.7:6443", None, None),
        ("https://198.18.0.9:6443", None, "http://127.0.0.1:17480"),
        ("https://127.0.0.1:6443", None, None),
        ("https://localhost:6443", None, None),
        ("https://k.internal", None, None),
        ("https://internal", None, None),
        ("https://plain:6443", None, None),
        ("https://plain:7443", None, "http://127.0.0.1:17480"),
        ("https://203.0.113.7", "socks5://127.0.0.1:1080", "socks5h://127.0.0.1:1080"),
        ("https://203.0.113.7", "http://p:3128", "http://p:3128"),
    ],
)
def test_the_kubeconfigs_proxy_counts_before_the_environments(
    server: str, proxy_url: str | None, expected: str | None
) -> None:
    assert proxy_for(server, proxy_url, LAB) == expected
