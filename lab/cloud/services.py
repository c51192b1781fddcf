"""The services of the lab's cloud."""

from __future__ import annotations

from lab.cloud.containerengine.routes import SERVICE as CONTAINER_ENGINE
from lab.cloud.core.routes import SERVICE as CORE
from lab.cloud.identity.routes import SERVICE as IDENTITY
from lab.cloud.limits.routes import SERVICE as LIMITS
from lab.cloud.loadbalancer.routes import SERVICE as LOAD_BALANCER

SERVICES = (IDENTITY, CORE, CONTAINER_ENGINE, LOAD_BALANCER, LIMITS)
