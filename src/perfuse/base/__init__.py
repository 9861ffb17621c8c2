"""What every other room stands on: how rows of the state are declared."""
