"""Sends COUNT records with a client library's own bulk helper, which retries what is refused.

Usage: bulk.py elasticsearch|opensearch URL TOKEN COUNT create|index
Prints how many the helper says were taken.
"""
import sys

library, url, token, count, verb = sys.argv[1:]

if library == "elasticsearch":
    from elasticsearch import Elasticsearch, helpers

    client = Elasticsearch(url, basic_auth=("ward", token), request_timeout=30)
    print("server", client.info()["version"]["number"], file=sys.stderr)
else:
    from opensearchpy import OpenSearch, helpers

    client = OpenSearch(url, http_auth=("ward", token), timeout=30)
    print("server", client.info()["version"]["number"], file=sys.stderr)


def actions():
    # Text that packs badly, so that bounds are met soon.
    import random

    chance = random.Random(7)
    for number in range(int(count)):
        filler = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=600))
        action = {"_op_type": verb, "_index": "logs", "number": number, "filler": filler}
        if verb == "create":
            action["_id"] = f"id-{number}"
        yield action


taken = 0
for ok, item in helpers.streaming_bulk(
    client, actions(), chunk_size=500, max_retries=60, initial_backoff=0.2, max_backoff=1, raise_on_error=False
):
    taken += ok
print(taken)
