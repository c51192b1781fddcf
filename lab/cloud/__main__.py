"""Development mode: the cloud alone, with machines that are only recorded."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
from pathlib import Path

from lab.cloud.authority import AuthorityFiles
from lab.cloud.catalog import operation_name
from lab.cloud.ids import COMPARTMENT_ID, TENANCY_ID
from lab.cloud.run import HOME_REGION, Running, Settings
from lab.cloud.services import SERVICES


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lab.cloud", description=__doc__)
    parser.add_argument("--operations", action="store_true", help="list what there is, and end")
    parser.add_argument("--folder", type=Path, help="where the state is kept")
    parser.add_argument("--home-region", default=HOME_REGION)
    parser.add_argument("--api-port", type=int, default=0)
    parser.add_argument("--proxy-port", type=int, default=0)
    parser.add_argument("--verbose", action="store_true", help="log every request")
    options = parser.parse_args()
    if options.operations:
        print("\n".join(operations()))
        return
    if options.folder is None:
        parser.error("--folder is required")
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING)
    running = Running(
        Settings(
            files=files_in(options.folder),
            state=options.folder / "state.json",
            home_region=options.home_region,
            apis=(("127.0.0.1", options.api_port),),
            proxy=("127.0.0.1", options.proxy_port),
        )
    )
    running.start()
    for name, value in running.environment().items():
        print(f"export {name}={value}")
    print(f"# tenancy     {TENANCY_ID}\n# compartment {COMPARTMENT_ID}", flush=True)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    done.wait()
    running.stop()


def operations() -> list[str]:
    """Every operation that the lab has, by service and by the vendor's name."""
    return [
        f"{service.name:16} {operation_name(service.clients, route.method, route.path)}"
        for service in SERVICES
        for route in service.routes
    ]


def files_in(folder: Path) -> AuthorityFiles:
    """The authority's files, all in one folder."""
    return AuthorityFiles(
        folder=folder / "authority",
        ca=folder / "ca.pem",
        trust=folder / "trust.pem",
        oci_config=folder / "oci" / "config",
    )


if __name__ == "__main__":
    main()
