"""The codemods that come with testmend: what it knows about test code."""
