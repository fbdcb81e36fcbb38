"""What is said to whom; one module for each subject."""
