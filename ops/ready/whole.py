"""Judges what is one for the whole stack: its outputs, its state and where that is kept; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from ops.ready.items import Item, outcome
from ops.verify.checks import Check, skipped

_CLUSTER: Final = "oci:ContainerEngine/cluster:Cluster"
_ROOT: Final = "::pki-root-key"
_UNNAMED: Final = "not asked: the outputs came without their stack; name it with --stack"


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """What Pulumi knows of a stack beside its outputs."""

    backend: str
    """URL of what keeps it."""
    resources: Sequence[Mapping[str, Any]]


def judge_whole(outputs: Mapping[str, Any], state: State | None) -> Iterator[Check]:
    """Return what there is to say of the stack.

    Args:
        outputs: Its outputs.
        state: None if the outputs are all that is known.
    """
    name = outputs["mesh"]["id"]
    yield _verified(name, outputs.get("verification"))
    yield _https(name, outputs.get("hosts") or {})
    yield _samples(name, has_samples=bool(outputs["mesh"].get("samples")))
    if state is None:
        yield skipped(Item.STATE, name, seen=_UNNAMED)
        yield skipped(Item.PROTECTION, name, seen=_UNNAMED)
    else:
        yield _kept(name, state.backend)
        yield _protected(
            name, state.resources, has_own_root=bool(outputs["mesh"].get("hasOwnRoot"))
        )


def _verified(name: str, result: Any) -> Check:
    faults = ["verification is off"] if not result else []
    faults += ["it was red"] if result and not result.get("passed") else []
    good = f"{result.get('requests')} requests from each cluster" if result else ""
    return outcome(Item.VERIFIED, name, faults, good=good)


def _https(name: str, hosts: Mapping[str, Mapping[str, Sequence[str]]]) -> Check:
    urls = sorted({url for places in hosts.values() for found in places.values() for url in found})
    if not urls:
        return skipped(Item.HTTPS, name, seen="mesh.ingress.hosts names none")
    plain = [url for url in urls if urlsplit(url).scheme != "https"]
    return outcome(Item.HTTPS, name, plain, good=", ".join(urls))


def _samples(name: str, *, has_samples: bool) -> Check:
    faults = ["helloworld answers everybody"] if has_samples else []
    return outcome(Item.SAMPLES, name, faults, good="none")


def _kept(name: str, backend: str) -> Check:
    url = urlsplit(backend)
    if url.scheme in ("http", "https", "file"):
        faults = ["it is on this machine alone"] if url.scheme == "file" else []
        return outcome(Item.STATE, name, faults, good=f"{url.hostname} keeps every version")
    bucket = f"{url.scheme}://{url.netloc}"
    return skipped(Item.STATE, name, seen=f"it is in {bucket}: see that it keeps versions")


def _protected(name: str, resources: Sequence[Mapping[str, Any]], *, has_own_root: bool) -> Check:
    meant = {
        resource["urn"].rpartition("::")[2]: bool(resource.get("protect"))
        for resource in resources
        if resource["type"] == _CLUSTER or (resource["urn"].endswith(_ROOT) and not has_own_root)
    }
    bare = [f"{one} is not" for one, is_protected in sorted(meant.items()) if not is_protected]
    return outcome(Item.PROTECTION, name, bare, good=", ".join(sorted(meant)))
