"""One run of one peer, called by peers.mjs:  run.py JOB.json RESULT.json

JOB: {"package", "algorithm", "settings", "url", "key", "start", "pool", "briefing", "budget", "seed", "concurrency"}
RESULT: {"prompt", "score" (share right by the peer's own account, or null), "tried", "versions", "note"}

The peer talks to the proxy as to any OpenAI-compatible server, with the models "evaluation" and "generator". Once the budget is
spent the proxy answers 402; each runner then takes what the peer holds to be best at that moment.
"""

import importlib
import importlib.metadata
import json
import os
import sys
import urllib.request

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no look at the network
os.environ["LITELLM_TELEMETRY"] = "False"
# a request that is refused is refused for good: clients that ask again would only wait
os.environ["DEFAULT_MAX_RETRIES"] = "0"


class Job:
    """What a runner needs: the job's fields as attributes, and the proxy's parser."""

    def __init__(self, fields):
        self.__dict__.update(fields)
        self.api = self.url + "/v1"

    def _post(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": "Bearer " + self.key, "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=60) as response:
            return json.load(response)

    def is_right(self, text, answer):
        """Whether the answer to this input is right: the same parser for every method."""
        return self._post("/score", {"input": text, "answer": answer or ""})["right"]

    def counts(self):
        """The proxy's counts of this run: {"evaluation": {"calls": ...}, "generator": {...}}."""
        return self._post("/counts")

    def note_of(self, error):
        """The end of the budget, in words. Any other error is none of a run's results: it is raised again."""
        counts = self.counts()
        if all(counts[role]["refused"] == 0 for role in ("evaluation", "generator")):
            raise error
        return f"the budget ended in mid-step: {type(error).__name__}: {error}"[:300]

    def is_spent(self):
        counts = self.counts()
        return any(counts[role]["calls"] >= self.budget[role] for role in ("evaluation", "generator"))


def main(job_file, result_file):
    with open(job_file, encoding="utf8") as file:
        job = Job(json.load(file))
    result = importlib.import_module(job.package + "_runner").run(job)
    packages = ("dspy", "gepa", "promptolution", "litellm", "optuna")
    result["versions"] = {name: importlib.metadata.version(name) for name in packages}
    with open(result_file, "w", encoding="utf8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # some clients leave threads behind that would keep the process
