"""Which proxy leads to a server: the kubeconfig's, else the environment's, read as in Go."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_for(server: str, proxy_url: str | None, environment: Mapping[str, str]) -> str | None:
    """The proxy's URL, or None for a direct connection."""
    if proxy_url:
        return _remote_names(proxy_url)
    parts = urlsplit(server)
    host = parts.hostname or ""
    if _is_loopback(host) or _is_exempt(host, parts.port, _either(environment, "NO_PROXY")):
        return None
    found = _either(environment, f"{parts.scheme.upper()}_PROXY")
    if not found:
        return None
    return _remote_names(found if "://" in found else f"http://{found}")


def _remote_names(url: str) -> str:
    # Go lets the SOCKS server look names up; urllib3 tells the two ways apart by the scheme.
    scheme, rest = url.split("://", 1)
    return f"socks5h://{rest}" if scheme == "socks5" else url


def _either(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name) or environment.get(name.lower()) or ""


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_exempt(host: str, port: int | None, listed: str) -> bool:
    return any(
        _matches(host, port, item.strip().lower()) for item in listed.split(",") if item.strip()
    )


def _matches(host: str, port: int | None, item: str) -> bool:
    if item == "*":
        return True
    name, colon, wanted = item.rpartition(":")
    if colon and wanted.isdigit() and ":" not in name:
        return wanted == str(port) and _matches(host, None, name)
    address = _address(host)
    if address is not None:
        return _covers(item, address)
    suffix = item.removeprefix("*").removeprefix(".")
    return host == suffix or host.endswith(f".{suffix}")


def _covers(item: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(item, strict=False)
    except ValueError:
        return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
