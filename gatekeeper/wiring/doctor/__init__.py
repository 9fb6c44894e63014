"""`gatekeeper doctor`: looks at an installation of the App and says how to mend it."""
