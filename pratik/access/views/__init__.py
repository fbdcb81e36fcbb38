"""The pages of the access door: coming in, and looking after one's own account."""
