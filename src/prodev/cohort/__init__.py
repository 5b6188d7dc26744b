"""The mentor's side: many submissions, graded in parallel and without loss, compared and exported."""
