"""The services of the lab's cloud."""

from __future__ import annotations

from lab.cloud.core.routes import SERVICE as CORE
from lab.cloud.identity.routes import SERVICE as IDENTITY

SERVICES = (IDENTITY, CORE)
