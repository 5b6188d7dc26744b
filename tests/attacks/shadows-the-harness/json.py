def loads(text):
    return {'value': 1}
