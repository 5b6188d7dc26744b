"""A travel booking service.

Apps of the domain (``accounts``, ``catalog``, ``booking``, ``payments``, ``reviews``, ``notifications``) hold
``models`` (fields and constraints), ``services`` (writes), ``queries`` (reads) and ``tasks``; the edges ``api``,
``graphql`` and ``web`` translate between them and HTTP. ``common`` is what all of them share.
"""
