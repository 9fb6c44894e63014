"""The web service: deliveries in, health and pages out."""
