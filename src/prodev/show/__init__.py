"""Reports and boards for people: the terminal, Markdown, JSON. The only room that knows colour."""
