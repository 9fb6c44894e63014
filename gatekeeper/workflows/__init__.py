"""The durable steps that take a pull request from its delivery to what is published."""
