"""The authority of the mesh: one root, and an intermediate for every primary.

Keys live in Pulumi's encrypted state only. A remote gets none: its primary signs for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi

from components.context import Context
from components.pki.authorities import IntermediateCa, IntermediateCaArgs, RootCa, RootCaArgs
from components.pki.bundle import CaBundle
from components.pki.expiry import ROOT, given_intermediate, made_intermediate, watched
from components.settings.stack import PkiSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class PkiArgs:
    """Who needs an intermediate, and what the user brings."""

    primaries: Mapping[str, str]
    """Istio's cluster name by cluster key."""
    settings: PkiSettings
    organization: str
    """Of every subject; the mesh's id."""
    root_key: pulumi.Output[str] | None
    """Secret; of the root in the settings."""
    intermediate_keys: Mapping[str, pulumi.Output[str]]
    """Secret; of the intermediates in the settings, by cluster key."""
    protect: bool

    @classmethod
    def of(cls, context: Context) -> "PkiArgs":
        """Return the authorities that the settings ask for."""
        settings = context.settings
        members = context.plan.members
        return cls(
            primaries={key: m.settings.name for key, m in members.items() if m.is_primary},
            settings=settings.pki,
            organization=settings.mesh.id,
            root_key=context.secrets.ca_root_key,
            intermediate_keys=context.secrets.ca_intermediate_keys,
            protect=settings.protection,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Root:
    cert_pem: pulumi.Output[str]
    key_pem: pulumi.Output[str] | None


class Pki(pulumi.ComponentResource):
    """Signing material for every primary, all of it below one root."""

    root_cert_pem: pulumi.Output[str]
    bundles: Mapping[str, CaBundle]
    """By cluster key."""

    def __init__(
        self, name: str, args: PkiArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:pki:Pki", name, None, opts)
        root = self._root(name, args)
        self.root_cert_pem = watched(root.cert_pem, ROOT)
        self.bundles = {
            key: self._given(key, args)
            if key in args.settings.intermediates
            else self._intermediate(key, args, root)
            for key in args.primaries
        }
        self.register_outputs({"root_cert_pem": self.root_cert_pem})

    def _root(self, name: str, args: PkiArgs) -> _Root:
        given = args.settings.root_cert_pem
        if given is not None:
            return _Root(cert_pem=pulumi.Output.from_input(given), key_pem=args.root_key)
        made = RootCa(
            f"{name}-root",
            RootCaArgs(
                organization=args.organization,
                validity_days=args.settings.root_validity_days,
                protect=args.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return _Root(cert_pem=made.cert_pem, key_pem=made.key_pem)

    def _given(self, key: str, args: PkiArgs) -> CaBundle:
        expiry = given_intermediate(key, args.settings.early_renewal_days)
        return CaBundle.signed(
            cert=watched(args.settings.intermediates[key], expiry),
            key=args.intermediate_keys[key],
            root=self.root_cert_pem,
        )

    def _intermediate(self, key: str, args: PkiArgs, root: _Root) -> CaBundle:
        if root.key_pem is None:
            raise ValueError(f"no key to sign the intermediate of {key} with")
        made = IntermediateCa(
            f"{key}-intermediate",
            IntermediateCaArgs(
                organization=args.organization,
                cluster_name=args.primaries[key],
                root_cert_pem=self.root_cert_pem,
                root_key_pem=root.key_pem,
                validity_days=args.settings.intermediate_validity_days,
                early_renewal_days=args.settings.early_renewal_days,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        expiry = made_intermediate(key, args.settings.early_renewal_days)
        return replace(made.bundle, ca_cert=watched(made.bundle.ca_cert, expiry))
