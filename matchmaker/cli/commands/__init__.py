"""What each command does once its options are parsed; each returns its exit status."""
