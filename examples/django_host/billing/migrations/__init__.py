"""The steps by which the app's tables came to be."""
