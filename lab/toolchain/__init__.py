"""The programs of the lab: built from pinned modules, or taken from a package."""
