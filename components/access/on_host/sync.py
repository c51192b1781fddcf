"""Runs on the operator host: tools of the wanted versions, and a context for each cluster.

The instance's metadata carries this file and what it is to do, so that another cluster, or
another version of a tool, updates the host in place. Standard library only, and Python 3.9, which
is what Oracle Linux 9 has. The program ships this file as text and never imports it.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

METADATA = "http://169.254.169.254/opc/v2/instance/metadata/"
KUBECTL = "https://dl.k8s.io/release/{version}/bin/linux/{arch}/kubectl"
ISTIOCTL = (
    "https://github.com/istio/istio/releases/download/{version}"
    "/istioctl-{version}-linux-{arch}.tar.gz"
)
MARKERS = Path("/usr/local/share/oke-mesh")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
TIMEOUT_SECONDS = 120


def main(arguments: list[str]) -> int:
    """Bring the host to what its metadata asks for; quick when nothing has changed."""
    home = Path.home() / ".oke-mesh"
    home.mkdir(mode=0o700, exist_ok=True)
    text = fetch(METADATA + "oke_mesh", {"Authorization": "Bearer Oracle"}).decode()
    stamp = home / "done"
    if "--force" not in arguments and stamp.is_file() and stamp.read_text() == text:
        return 0
    plan = json.loads(text)
    install_tools(plan["tools"], plan.get("checksums", {}))
    missing = write_kubeconfig(plan["clusters"], home / "kubeconfigs")
    if missing:
        say(f"no context yet for {', '.join(missing)}; `oke-mesh-sync` tries again")
        stamp.unlink(missing_ok=True)
        return 1
    stamp.write_text(text)
    return 0


def install_tools(versions: dict[str, str], checksums: dict[str, str]) -> None:
    """Install what is not there in its version, and with its checksum where one is given.

    A tool that came without a checksum is installed again when one is given.
    """
    installers: dict[str, Callable[[str, str | None], None]] = {
        "oci": install_oci,
        "kubectl": install_kubectl,
        "istioctl": install_istioctl,
    }
    for tool, install in installers.items():
        checksum = checksums.get(tool)
        name = "-".join(filter(None, (tool, versions[tool], checksum)))
        marker = MARKERS / name
        if not marker.exists():
            say(f"installing {tool} {versions[tool]}")
            # Those of other versions are of what is there no more after this.
            run("sudo", "rm", "-f", *(str(old) for old in MARKERS.glob(f"{tool}-*")))
            install(versions[tool], checksum)
            run("sudo", "install", "-D", "-m", "0644", "/dev/null", str(marker))


def install_oci(version: str, _: str | None = None) -> None:
    """Install the OCI command line from the Python package index, by its version."""
    folder = "/opt/oke-mesh/oci-cli"
    run("sudo", "python3", "-m", "venv", "--clear", folder)
    run("sudo", f"{folder}/bin/pip", "install", "--quiet", f"oci-cli=={version}")
    run("sudo", "ln", "-sfn", f"{folder}/bin/oci", "/usr/local/bin/oci")


def install_kubectl(version: str, checksum: str | None = None) -> None:
    """Install kubectl from the Kubernetes project."""
    url = KUBECTL.format(version=version, arch=architecture())
    put_program("kubectl", verified(url, checksum))


def install_istioctl(version: str, checksum: str | None = None) -> None:
    """Install istioctl from the Istio project."""
    url = ISTIOCTL.format(version=version, arch=architecture())
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "istioctl.tar.gz"
        archive.write_bytes(verified(url, checksum))
        shutil.unpack_archive(archive, folder)
        put_program("istioctl", (Path(folder) / "istioctl").read_bytes())


def put_program(name: str, content: bytes) -> None:
    """Make `content` the program `name` of every user."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / name
        source.write_bytes(content)
        run("sudo", "install", "-m", "0755", str(source), f"/usr/local/bin/{name}")


def write_kubeconfig(clusters: list[list[str]], folder: Path) -> list[str]:
    """Write ~/.kube/config from one file per cluster; return the names that have none yet."""
    folder.mkdir(mode=0o700, exist_ok=True)
    names = [name for name, *_ in clusters]
    for old in folder.iterdir():
        if old.name not in names:
            old.unlink()
    for name, *place in clusters:
        try:
            write_context(folder / name, name, place)
        except (subprocess.CalledProcessError, LookupError) as error:
            say(f"{name}: {getattr(error, 'stderr', None) or error}")
    present = [folder / name for name in names if (folder / name).exists()]
    config = Path.home() / ".kube" / "config"
    config.parent.mkdir(mode=0o700, exist_ok=True)
    if present:
        paths = ":".join(map(str, present))
        merged = run("env", f"KUBECONFIG={paths}", "kubectl", "config", "view", "--flatten")
        config.touch(mode=0o600)
        config.write_text(merged)
    return [name for name in names if folder / name not in present]


def write_context(path: Path, name: str, place: list[str]) -> None:
    """Write the kubeconfig of one cluster, whose OCID is looked up by its display name."""
    display_name, region, compartment_id = place
    sign_in = ["--auth", "instance_principal", "--region", region]
    listing = run(
        *("oci", "ce", "cluster", "list", *sign_in, "--compartment-id", compartment_id),
        *("--name", display_name, "--lifecycle-state", "ACTIVE"),
    )
    found = json.loads(listing)["data"] if listing.strip() else []
    if len(found) != 1:
        raise LookupError(f"{len(found)} active clusters are called {display_name} in {region}")
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    run(
        *("oci", "ce", "cluster", "create-kubeconfig", *sign_in, "--with-auth-context"),
        *("--cluster-id", found[0]["id"], "--file", str(new), "--token-version", "2.0.0"),
        *("--kube-endpoint", "PRIVATE_ENDPOINT"),
    )
    config = ["kubectl", "--kubeconfig", str(new), "config"]
    run(*config, "rename-context", run(*config, "current-context").strip(), name)
    new.replace(path)


def verified(url: str, checksum: str | None) -> bytes:
    """Return what is at `url` if it has `checksum`, or else that which is published beside it."""
    content = fetch(url)
    wanted = checksum or fetch(url + ".sha256").decode().split()[0]
    if hashlib.sha256(content).hexdigest() != wanted:
        what = "the checksum of access.checksums" if checksum else "its published checksum"
        raise ValueError(f"{url} does not have {what}")
    return content


def fetch(url: str, headers: dict[str, str] | None = None) -> bytes:
    """Return what is at a URL of this file's own constants."""
    request = urllib.request.Request(url, headers=headers or {})  # noqa: S310 constants above
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 ditto
        content: bytes = response.read()
    return content


def architecture() -> str:
    """Return the processor's name as download sites write it."""
    return ARCHITECTURES[platform.machine()]


def run(*command: str) -> str:
    """Run a program to its end and return what it printed."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 own words
    return done.stdout


def say(text: str) -> None:
    """Tell whoever is signing in."""
    sys.stderr.write(f"oke-mesh: {text}\n")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, ValueError, subprocess.CalledProcessError) as fault:
        say(f"not up to date: {getattr(fault, 'stderr', None) or fault}")
        sys.exit(1)
