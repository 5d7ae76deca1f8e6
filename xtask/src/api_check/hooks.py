"""What schemathesis is told of Ward that the description of the API cannot say."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines_of_json(_context, value):
    """A body of lines is sent as it is; schemathesis itself only knows how to send JSON."""
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")
