"""Passwords that the program makes: secret, and the same at every update."""

import base64
import hashlib
from typing import Final

import pulumi
import pulumi_tls as tls

_LETTERS: Final = 32


def create_password(name: str, *, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Return a password of 32 letters and digits, secret; another one takes another name.

    What is random about it is a private key, which the state has encrypted, so that no further
    provider is needed.
    """
    key = tls.PrivateKey(name, algorithm="ECDSA", ecdsa_curve="P256", opts=opts)
    return pulumi.Output.secret(key.private_key_pem.apply(_password))


def _password(pem: str) -> str:
    # Of the 192 bits that are taken, two letters stand for others that no shell reads.
    digest = hashlib.sha256(pem.encode()).digest()
    text = base64.b64encode(digest).decode()
    return text.replace("+", "A").replace("/", "B")[:_LETTERS]
