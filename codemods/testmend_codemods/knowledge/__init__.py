"""What testmend knows about test code, shared by its transforms."""
