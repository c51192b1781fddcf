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

from components.context import Context

# Found by the shell, because a path of this machine would be a change on every other one. In full,
# because kubectl runs no program for a token that it finds by a relative folder.
_INTERPRETER: Final = 'PATH="$PWD/.venv/bin:$PATH" exec python'

# A change of it is a reason to verify again; the command does not read it.
_FINGERPRINT: Final = "OKE_MESH_FINGERPRINT"

# What `ops verify` reads; the kubeconfig makes it a secret.
_GIVEN: Final = ("schemaVersion", "mesh", "clusters", "mergedKubeconfig")
# What is verified again when it changes, as far as the outputs tell.
_WATCHED: Final = ("mesh", "clusters")


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationArgs:
    """What is verified, and whether it is."""

    is_enabled: bool
    requests: int
    """From each cluster."""
    sample_versions: Mapping[str, str]
    """Of helloworld, by cluster key."""
    outputs: Mapping[str, Any]
    """Of the stack."""
    requires: Sequence[pulumi.Resource]
    """The mesh and the sample workloads."""

    @classmethod
    def of(
        cls, context: Context, *, outputs: Mapping[str, Any], requires: Sequence[pulumi.Resource]
    ) -> "VerificationArgs":
        """Return the verification that the settings ask for; it needs the sample workloads."""
        settings = context.settings.verification
        members = context.plan.members
        return cls(
            is_enabled=settings.enabled and bool(context.sampled),
            requests=settings.requests,
            sample_versions={key: members[key].settings.sample_version for key in context.sampled},
            outputs=outputs,
            requires=requires,
        )


class Verification(pulumi.ComponentResource):
    """Fails with a table of what was seen unless every cluster answers every other."""

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


def fingerprint(args: VerificationArgs) -> pulumi.Output[str]:
    """Return a hash of what the outcome depends on; known when all of it is."""
    watched = {part: args.outputs[part] for part in _WATCHED}
    inputs = {**watched, "samples": args.sample_versions, "requests": args.requests}
    text: pulumi.Output[str] = pulumi.Output.json_dumps(inputs, sort_keys=True)
    return text.apply(lambda known: sha256(known.encode()).hexdigest())


def summary(printed: str) -> dict[str, Any]:
    """Return the part of `ops verify --json` that is worth an output of the stack."""
    report = json.loads(printed)
    pairs: dict[str, dict[str, int]] = {}
    for pair in report["pairs"]:
        pairs.setdefault(pair["client"], {})[pair["server"]] = pair["count"]
    return {"passed": report["passed"], "requests": report["requests"], "pairs": pairs}
