"""Templates that keep nothing of what a page was made of.

A macro that stands in a template and the context it was rendered in refer to each other. Both would stay in memory, with what
somebody chose and what was found for them, until Python's collector comes by, which on a quiet night is hours later.
"""

from typing import Any

from jinja2 import Template


class ForgettingTemplate(Template):
    """Renders as its base does, and takes the context apart afterwards, so that all of it goes at once."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        context = self.new_context(dict(*args, **kwargs))
        try:
            return self.environment.concat(self.root_render_func(context))
        finally:
            for held in (context.vars, context.parent, context.exported_vars, context.blocks):
                held.clear()
