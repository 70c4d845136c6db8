"""Server-rendered pages for people, plain forms that work without JavaScript."""
