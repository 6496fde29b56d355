"""The packages here are tested where they are installed, by the tests of their pages."""

collect_ignore = ["ledgerly"]
