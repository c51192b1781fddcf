"""The last node of the graph: an update whose mesh does not carry traffic fails.

It runs `ops verify` when something that it depends on has changed, never by the time (ADR 0005).
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import pulumi
import pulumi_command as command

from components import versions
from components.context import Context
from components.mesh.mesh import Mesh
from components.pki.bundle import CaBundle
from components.pki.pki import Pki
from components.settings.stack import Settings

# Found by the shell, because a path of this machine would be a change on every other one. In full,
# because kubectl runs no program for a token that it finds by a relative folder.
_INTERPRETER: Final = 'PATH="$PWD/.venv/bin:$PATH" exec python'

# A change of it is a reason to verify again; the command does not read it.
_FINGERPRINT: Final = "OKE_MESH_FINGERPRINT"

# What `ops verify` reads; the kubeconfig makes it a secret.
_GIVEN: Final = ("schemaVersion", "mesh", "clusters", "mergedKubeconfig")
# What is verified again when it changes, as far as the outputs tell.
_WATCHED: Final = ("mesh", "clusters", "backbone")


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationArgs:
    """What is verified, and whether it is."""

    is_enabled: bool
    requests: int
    """From each cluster, or more in a large mesh."""
    settings: Mapping[str, Any]
    """Those that the mesh depends on, as plain values."""
    credentials: Mapping[str, pulumi.Output[str]]
    """Secret; what istiod signs with, and what it reads other clusters with."""
    outputs: Mapping[str, Any]
    """Of the stack."""
    requires: Sequence[pulumi.Resource]
    """The mesh and the sample workloads."""

    @classmethod
    def of(
        cls,
        context: Context,
        *,
        pki: Pki,
        mesh: Mesh,
        outputs: Mapping[str, Any],
        requires: Sequence[pulumi.Resource],
    ) -> "VerificationArgs":
        """Return the verification that the settings ask for.

        Without the sample workloads it asks for everything but traffic.
        """
        settings = context.settings
        return cls(
            is_enabled=settings.verification.enabled and settings.mesh.enabled,
            requests=settings.verification.requests,
            settings=watched_settings(settings),
            credentials=watched_credentials(pki.bundles, mesh.reader_kubeconfigs),
            outputs=outputs,
            requires=requires,
        )


class Verification(pulumi.ComponentResource):
    """Fails with a table of what was seen unless the mesh is as the settings ask for.

    With the sample workloads, every cluster then answers every other.
    """

    result: pulumi.Output[dict[str, Any]] | None
    """`passed`, `requests`, and `pairs` with the answers by client and server; None if off."""

    def __init__(
        self, name: str, args: VerificationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:verification:Verification", name, None, opts)
        self.result = self._run(name, args) if args.is_enabled else None
        self.register_outputs({"result": self.result})

    def _run(self, name: str, args: VerificationArgs) -> pulumi.Output[dict[str, Any]]:
        line = verify_command(args.requests)
        given = {part: args.outputs[part] for part in _GIVEN}
        ran = command.local.Command(
            f"{name}-run",
            create=line,
            update=line,
            stdin=pulumi.Output.json_dumps(given, sort_keys=True),
            # Not a trigger: the SDK lets a changed trigger replace the resource.
            environment={_FINGERPRINT: fingerprint(args)},
            logging=command.local.Logging.STDERR,
            add_previous_output_in_env=False,
            # Before them there is nothing that could answer.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.requires]),
        )
        # It counts as secret because the input is; `ops verify` prints no credential.
        return pulumi.Output.unsecret(ran.stdout).apply(summary)


def verify_command(requests: int) -> str:
    """Return the shell command that verifies the outputs on its standard input."""
    words = ("-m", "ops", "verify", "--json", "--requests", str(requests))
    return f"{_INTERPRETER} {shlex.join(words)}"


def watched_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that the mesh depends on; who signs in, and tags, change no packet."""
    clusters = {
        key: cluster.model_dump(mode="json") for key, cluster in settings.enabled_clusters.items()
    }
    return {
        "mesh": settings.mesh.model_dump(mode="json"),
        "clusters": clusters,
        "pki": settings.pki.model_dump(mode="json"),
        "requests": settings.verification.requests,
        "images": [versions.HELLOWORLD, versions.CURL],
    }


def watched_credentials(
    bundles: Mapping[str, CaBundle], reader_kubeconfigs: Mapping[str, pulumi.Output[str]]
) -> dict[str, pulumi.Output[str]]:
    """Return the certificates, keys and tokens of the mesh by what they are; secret."""
    signed = {
        f"{key}/{name}": text
        for key, bundle in bundles.items()
        for name, text in bundle.files().items()
    }
    return {**signed, **{f"{key}/reader": text for key, text in reader_kubeconfigs.items()}}


def fingerprint(args: VerificationArgs) -> pulumi.Output[str]:
    """Return a hash of all that the outcome depends on; known when all of it is.

    It is no secret: keys and tokens cannot be found from it, as they cannot be guessed.
    """
    outputs = {part: args.outputs[part] for part in _WATCHED}
    inputs = {"settings": args.settings, "outputs": outputs, "credentials": args.credentials}
    text: pulumi.Output[str] = pulumi.Output.json_dumps(inputs, sort_keys=True)
    return pulumi.Output.unsecret(text.apply(lambda known: sha256(known.encode()).hexdigest()))


def summary(printed: str) -> dict[str, Any]:
    """Return the part of `ops verify --json` that is worth an output of the stack."""
    report = json.loads(printed)
    pairs: dict[str, dict[str, int]] = {}
    for pair in report["pairs"]:
        pairs.setdefault(pair["client"], {})[pair["server"]] = pair["count"]
    return {"passed": report["passed"], "requests": report["requests"], "pairs": pairs}
