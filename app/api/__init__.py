"""The public HTTP interface: one module per resource, shapes beside the routes."""
