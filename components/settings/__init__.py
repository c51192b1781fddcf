"""The typed configuration and the plan derived from it; pure, it creates no resource."""
