"""The verbs: each changes rows in the session it is given, and never commits."""
