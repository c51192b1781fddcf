"""Asks for plaintext from outside the mesh; judging is pure.

The API server is the outsider: it has no proxy, and passes a request on to any port of a pod. That
it reaches the pod at all is shown by the proxy's health port, which answers plaintext by design.
"""

import re
from dataclasses import dataclass
from typing import Final

from ops.verify.answers import PORT
from ops.verify.checks import Check, Kind, failed, passed, skipped
from ops.verify.kubectl import Kubectl, KubectlError
from ops.verify.kubernetes import SAMPLE, Pod

_HEALTH_PORT: Final = 15021
# How a connection ends for which the proxy has no way in.
_REFUSED: Final = re.compile(r"\bEOF\b|reset by peer|broken pipe|server closed", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """What became of two requests in plaintext to one pod; each text is empty if it worked."""

    health: str
    """To the proxy's health port."""
    service: str
    """To the port that the mesh protects."""


def attempt(kubectl: Kubectl, context: str, pod: Pod) -> Attempt:
    """Ask both ports of a pod by way of the API server."""
    place = f"/api/v1/namespaces/{pod.namespace}/pods/http:{pod.name}"
    return Attempt(
        health=_ask(kubectl, context, f"{place}:{_HEALTH_PORT}/proxy/healthz/ready"),
        service=_ask(kubectl, context, f"{place}:{PORT}/proxy/hello"),
    )


def _ask(kubectl: Kubectl, context: str, path: str) -> str:
    try:
        kubectl.text(context, "get", "--raw", path)
    except KubectlError as error:
        return str(error)
    return ""


def judge_plaintext(subject: str, wanted: str, tried: Attempt) -> Check:
    """Return whether plaintext got what the wanted mode says.

    Args:
        subject: Key of the cluster.
        wanted: Mode of the mesh in the outputs.
        tried: What became of the requests.
    """
    if tried.health:
        seen = f"not measured: the API server does not reach pods here ({tried.health})"
        return skipped(Kind.PLAINTEXT, subject, seen=seen)
    is_refused = _REFUSED.search(tried.service) is not None
    if tried.service and not is_refused:
        seen = f"not measured: the request failed for another reason ({tried.service})"
        return skipped(Kind.PLAINTEXT, subject, seen=seen)
    if is_refused is (wanted == "STRICT"):
        return passed(Kind.PLAINTEXT, subject, tried.service)
    what = "was refused" if is_refused else "got an answer"
    return failed(
        Kind.PLAINTEXT,
        subject,
        seen=f"mesh.mtls is {wanted}, and the API server, which is not in the mesh, {what} on "
        f"port {PORT}",
        remedy=(
            f"look for a PeerAuthentication in the namespace {SAMPLE} that is not {wanted}, then "
            "at the log of helloworld's proxy"
        ),
    )
