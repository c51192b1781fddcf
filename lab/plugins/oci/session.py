"""Signing in to OCI and the SDK's clients, as the provider's settings ask."""

from __future__ import annotations

import importlib
import os
import threading
from pathlib import Path
from typing import Any

from lab.plugins.base.errors import PluginError
from sdks.values import Properties

# The way to sign in, in the provider's words; the lab's one user has a key and nothing else.
AUTH = "ApiKey"
CONNECT_SECONDS = 10
READ_SECONDS = 60


class Session:
    """The clients of one provider instance, made when they are first needed.

    The SDK's clients keep a connection each and make no promise about threads, so every thread
    has its own; the signer, whose key takes long to load, is common to all.
    """

    def __init__(self, settings: Properties) -> None:
        self.settings = settings
        self._local = threading.local()
        self._lock = threading.Lock()
        self._signed_in: tuple[dict[str, Any], Any] | None = None

    def client(self, path: str) -> Any:
        """The client of that name, such as `core.VirtualNetworkClient`."""
        kept: dict[str, Any] = self._local.__dict__.setdefault("clients", {})
        if path not in kept:
            kept[path] = self._make(path)
        return kept[path]

    def _make(self, path: str) -> Any:
        import oci  # noqa: PLC0415 - takes half a second, and a preview without changes needs none

        module, _, name = path.rpartition(".")
        config, signer = self._identity()
        options: dict[str, Any] = {"timeout": (CONNECT_SECONDS, READ_SECONDS), "signer": signer}
        if not self.settings.get("disableAutoRetries"):
            options["retry_strategy"] = oci.retry.DEFAULT_RETRY_STRATEGY
        client = getattr(importlib.import_module(f"oci.{module}"), name)
        return client(config, **options)

    def _identity(self) -> tuple[dict[str, Any], Any]:
        import oci  # noqa: PLC0415 - as above

        with self._lock:
            if self._signed_in is None:
                try:
                    self._signed_in = self._sign_in()
                except (oci.exceptions.ClientError, OSError) as fault:
                    text = f"provider: the sign-in is not complete: {fault}"
                    raise PluginError(text) from fault
            return self._signed_in

    def _sign_in(self) -> tuple[dict[str, Any], Any]:
        import oci  # noqa: PLC0415 - as above

        config = self._config()
        # The signer wants the name of a file even where the key itself is given.
        return config, oci.signer.Signer.from_config({"key_file": None, **config})

    def _config(self) -> dict[str, Any]:
        """The profile of the configuration file, with the settings given here on top."""
        import oci  # noqa: PLC0415 - as above

        given = self.settings
        file = config_file()
        config: dict[str, Any] = {}
        profile = given.get("configFileProfile")
        if profile or (file.exists() and "tenancyOcid" not in given):
            try:
                config = oci.config.from_file(str(file), profile or "DEFAULT")
            except (oci.exceptions.ProfileNotFound, oci.exceptions.ConfigFileNotFound) as fault:
                raise PluginError(f"configFileProfile: {fault}") from fault
        return config | _overrides(given)


def config_file() -> Path:
    """The configuration file: where the environment says, else in the home folder."""
    named = os.environ.get("OCI_CONFIG_FILE") or os.environ.get("OCI_CLI_CONFIG_FILE")
    return Path(named) if named else Path.home() / ".oci" / "config"


def _overrides(given: Properties) -> dict[str, Any]:
    names = {
        "region": "region",
        "tenancyOcid": "tenancy",
        "userOcid": "user",
        "fingerprint": "fingerprint",
        "privateKey": "key_content",
        "privateKeyPath": "key_file",
        "privateKeyPassword": "pass_phrase",
    }
    return {theirs: given[ours] for ours, theirs in names.items() if given.get(ours)}
