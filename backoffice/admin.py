"""The console's rooms; importing one registers its pages."""
