"""Speaks to one API server: JSON requests, sign-in, short retries, and watches."""

from __future__ import annotations

import json
import os
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3
from urllib3.contrib.socks import SOCKSProxyManager

from lab.plugins.base.values import Properties
from lab.plugins.kubernetes.api_errors import (
    UNAUTHORIZED,
    ApiError,
    UnreachableError,
    parse_status,
)
from lab.plugins.kubernetes.credentials import Credentials, SignInError
from lab.plugins.kubernetes.kubeconfig import Target
from lab.plugins.kubernetes.proxies import proxy_for

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON = "application/json"

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 60.0
# An API server that restarts, or a proxy whose tunnel comes back, is gone for a second or two.
RETRY_DELAYS_S = (0.3, 1.0, 2.0)
ERRORS_FROM = 400
# As many as the plugin has threads.
POOL_SIZE = 64
CONNECTION = re.compile(r"^\w+\(host=[^)]*\): ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One call; a body without a content type is plain JSON."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Properties | None = None
    content_type: str = JSON

    @property
    def target(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


@dataclass(slots=True)
class Client:
    """Requests to the server of a kubeconfig target; safe to use from several threads."""

    target: Target
    credentials: Credentials
    pool: urllib3.PoolManager
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def connect(cls, target: Target) -> Client:
        """A client for the target; nothing is sent yet."""
        return cls(target, Credentials(target.user), make_pool(target, os.environ))

    def send(self, request: Request) -> Properties:
        """The answer's document; an error status raises `ApiError`."""
        for delay in RETRY_DELAYS_S:
            try:
                return self._send_signed(request)
            except (UnreachableError, ApiError) as error:
                if not error.is_passing:
                    raise
                self.sleep(delay)
        return self._send_signed(request)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Properties:
        return self.send(Request(method="GET", path=path, query=query or {}))

    def find(self, path: str, query: Mapping[str, str] | None = None) -> Properties | None:
        """Like `get`, with None for what is not there."""
        try:
            return self.get(path, query)
        except ApiError as error:
            if error.is_not_found:
                return None
            raise

    def watch(self, path: str, query: Mapping[str, str], seconds: float) -> Iterator[Properties]:
        """Events until the server ends the watch, at the latest after the given seconds."""
        window = {**query, "watch": "true", "timeoutSeconds": str(max(1, round(seconds)))}
        request = Request(method="GET", path=path, query=window)
        response = self._open(request, read_timeout=seconds + CONNECT_TIMEOUT_S)
        with closing(response):
            if response.status >= ERRORS_FROM:
                raise ApiError(parse_status(response.status, response.read()))
            try:
                yield from _events(response)
            except urllib3.exceptions.HTTPError as error:
                raise self._unreachable(error) from error

    def _send_signed(self, request: Request) -> Properties:
        try:
            return self._send_once(request)
        except ApiError as error:
            if error.status.code != UNAUTHORIZED or not self.credentials.forget():
                raise
        return self._send_once(request)

    def _send_once(self, request: Request) -> Properties:
        response = self._open(request, read_timeout=READ_TIMEOUT_S)
        with closing(response):
            try:
                body = response.read()
            except urllib3.exceptions.HTTPError as error:
                raise self._unreachable(error) from error
        if response.status >= ERRORS_FROM:
            raise ApiError(parse_status(response.status, body))
        document = json.loads(body)
        return document if isinstance(document, dict) else {}

    def _open(self, request: Request, *, read_timeout: float) -> urllib3.BaseHTTPResponse:
        try:
            headers = self._headers(request)
        except SignInError as error:
            raise UnreachableError(str(error)) from error
        body = None if request.body is None else json.dumps(request.body).encode()
        try:
            return self.pool.request(
                request.method,
                self.target.server + request.target,
                headers=headers,
                body=body,
                retries=False,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=read_timeout),
            )
        except urllib3.exceptions.HTTPError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: urllib3.exceptions.HTTPError) -> UnreachableError:
        # Without the library's own name for the connection, which the server's takes the place of.
        words = CONNECTION.sub("", str(error))
        is_passing = not isinstance(error, urllib3.exceptions.SSLError)
        return UnreachableError(f"{self.target.server}: {words}", is_passing=is_passing)

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"Accept": JSON, "User-Agent": "oke-mesh-lab"}
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        if authorization := self.credentials.header():
            headers["Authorization"] = authorization
        return headers


def make_pool(target: Target, environment: Mapping[str, str]) -> urllib3.PoolManager:
    """Connections to the target: direct, or through an HTTP or SOCKS proxy."""
    options: dict[str, Any] = {"ssl_context": make_tls(target), "maxsize": POOL_SIZE}
    if target.tls_server_name:
        options["server_hostname"] = target.tls_server_name
        options["assert_hostname"] = target.tls_server_name if target.verify else False
    proxy = proxy_for(target.server, target.proxy_url, environment)
    if proxy is None:
        return urllib3.PoolManager(**options)
    if proxy.startswith("socks"):
        return SOCKSProxyManager(proxy, **options)
    return urllib3.ProxyManager(proxy, **options)


def make_tls(target: Target) -> ssl.SSLContext:
    """Trust in the target's authority (the system's if it names none), and its certificate."""
    authority = None if target.authority is None else target.authority.decode()
    context = ssl.create_default_context(cadata=authority)
    if not target.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if target.user.client_certificate is not None and target.user.client_key is not None:
        _load_certificate(context, target.user.client_certificate + b"\n" + target.user.client_key)
    return context


def _load_certificate(context: ssl.SSLContext, pem: bytes) -> None:
    # OpenSSL reads a certificate from a file only; this one lives in memory and ends with the call.
    descriptor = os.memfd_create("client-certificate")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as out:
            out.write(pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def _events(response: urllib3.BaseHTTPResponse) -> Iterator[Properties]:
    rest = b""
    for chunk in response.stream(amt=None):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield json.loads(line)
