"""The commands of the app, each in a module of its name."""
