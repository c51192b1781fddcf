"""Whether a SOCKS proxy really carries bytes to the other side.

`ssh -D` accepts every connection and says yes before the far side has answered, so only data from
there proves anything: the greeting of the host's own ssh server.
"""

import socket
import struct
from typing import Final

_LOOPBACK: Final = "127.0.0.1"
_ADDRESS_LENGTHS: Final = {1: 4, 4: 16}


def reaches_host(port: int, ssh_port: int, seconds: float) -> bool:
    """Return whether the proxy on `port` reaches the ssh server of the host behind it."""
    try:
        with socket.create_connection((_LOOPBACK, port), timeout=seconds) as connection:
            return _handshake(connection) and _greets(connection, ssh_port)
    except OSError:
        return False


def _handshake(connection: socket.socket) -> bool:
    """Offer SOCKS 5 without authentication, RFC 1928 section 3."""
    connection.sendall(b"\x05\x01\x00")
    return _receive(connection, 2) == b"\x05\x00"


def _greets(connection: socket.socket, ssh_port: int) -> bool:
    """Connect to the host's own ssh server, RFC 1928 section 4, and read how it begins."""
    address = socket.inet_aton(_LOOPBACK) + struct.pack("!H", ssh_port)
    connection.sendall(b"\x05\x01\x00\x01" + address)
    reply = _receive(connection, 4)
    if reply[:2] != b"\x05\x00" or reply[3] not in _ADDRESS_LENGTHS:
        return False
    _receive(connection, _ADDRESS_LENGTHS[reply[3]] + 2)
    return _receive(connection, 4) == b"SSH-"


def _receive(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        part = connection.recv(count - len(received))
        if not part:
            raise ConnectionError("the proxy closed the connection")
        received += part
    return received
