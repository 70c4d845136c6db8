"""The directory of care and support for survivors of modern slavery: a typed service with a JSON API."""
