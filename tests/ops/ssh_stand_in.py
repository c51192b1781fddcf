"""Takes the place of `ssh -N -D` on PATH: serves SOCKS 5 as ssh does, to a host that is not there.

Its folder tells it how to behave: `refuse` holds how often it still fails, and `say` with what;
while `mute` exists nothing comes back through the proxy; while `hang` exists it never serves.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from pathlib import Path

FOLDER = Path(sys.argv[0]).resolve().parent


def main(words: list[str]) -> int:
    with (FOLDER / "calls").open("a") as calls:
        calls.write(" ".join(words) + "\n")
    left = int((FOLDER / "refuse").read_text()) if (FOLDER / "refuse").exists() else 0
    if left:
        (FOLDER / "refuse").write_text(str(left - 1))
        sys.stderr.write((FOLDER / "say").read_text())
        return 255
    if (FOLDER / "hang").exists():
        time.sleep(60)
    host, port = words[words.index("-D") + 1].split(":")
    serve(host, int(port))
    return 0


def serve(host: str, port: int) -> None:
    with socket.create_server((host, port)) as server:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        connection.recv(3)
        connection.sendall(b"\x05\x00")
        request = connection.recv(10)
        # ssh says yes before the far side has answered.
        connection.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        reaches_sshd = request[4:8] == b"\x7f\x00\x00\x01" and request[8:10] == b"\x00\x16"
        if reaches_sshd and not (FOLDER / "mute").exists():
            connection.sendall(b"SSH-2.0-stand-in\r\n")


if __name__ == "__main__":
    # A test that fails must not leave it behind.
    end = threading.Timer(120, os._exit, (1,))
    end.daemon = True
    end.start()
    sys.exit(main(sys.argv[1:]))
