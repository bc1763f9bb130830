"""What the model server takes and answers (facts sheet A.6, B.2, B.3)."""

REQUEST_TYPES = ("image/png", "image/jpeg", "application/x-image")
"The format is found by content; application/x-image says only that it is an image."

JSON = "application/json"
"The answer is a list with one probability a class."

JSON_LINES = "application/jsonlines"
'The answer is one line `{"prediction": [...]}`, as batch transform asks for.'

RESPONSE_TYPES = (JSON, JSON_LINES)

BODY_LIMIT_BYTES = 25 * 1024 * 1024
"Largest request body: the payload limit of a real-time endpoint (B.2, C.1)."
