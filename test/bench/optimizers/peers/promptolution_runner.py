"""CAPO, EvoPromptGA, EvoPromptDE and OPRO of promptolution, with a predictor that uses the proxy's parser."""

import logging
import random

import numpy
import pandas

from promptolution.llms.api_llm import APILLM
from promptolution.optimizers.capo import CAPO
from promptolution.optimizers.evoprompt_de import EvoPromptDE
from promptolution.optimizers.evoprompt_ga import EvoPromptGA
from promptolution.optimizers.opro import OPRO
from promptolution.predictors.base_predictor import BasePredictor
from promptolution.tasks.classification_tasks import ClassificationTask
from promptolution.utils import capo_utils, prompt as prompt_utils
from promptolution.utils.callbacks import BaseCallback

logging.disable(logging.CRITICAL)

# Examples inside of a prompt look like the question after them, with a line before and behind, as the other methods show them: this
# model goes on with "Output:" else.
capo_utils.CAPO_FEWSHOT_TEMPLATE = "Input: <input>\nOutput: <output>"
prompt_utils.DOWNSTREAM_TEMPLATE_W_FEWSHOTS = "<instruction>\n\nExamples:\n\n<few_shots>\n\nNow the input to answer:"

OPTIMIZERS = {"capo": CAPO, "evopromptga": EvoPromptGA, "evopromptde": EvoPromptDE, "opro": OPRO}


class Parsed(BasePredictor):
    """A right answer becomes the target, so that the task's comparison of texts finds it right."""

    def __init__(self, llm, job):
        super().__init__(llm)
        self.job = job
        self.targets = {row["input"]: row["target"].lower() for row in job.pool}
        self.extraction_description = "The answer must be given alone, with no other words."

    def predict(self, prompts, xs, system_prompts=None):
        if isinstance(prompts, str):
            prompts = [prompts] * len(xs)
        outputs = self.llm.get_response([f"{p}\n{x}" for p, x in zip(prompts, xs)], system_prompts=system_prompts)
        found = [self.targets[x] if self.job.is_right(x, out) else "(wrong)" for x, out in zip(xs, outputs)]
        return found, [f"{x}\n{out}" for x, out in zip(xs, outputs)]

    def _extract_preds(self, preds):
        return preds


class UntilSpent(BaseCallback):
    """Goes on until the budget is spent; a step that meets the end is given up by the optimizer, which keeps the step before."""

    def __init__(self, job):
        self.job = job

    def on_step_end(self, optimizer):
        return not self.job.is_spent()


def run(job):
    random.seed(job.seed)
    numpy.random.seed(job.seed)
    settings = dict(job.settings)
    rows = settings.pop("rows", 30)  # a block, or the sample that every prompt is scored on
    start = job.start[: settings.pop("population", len(job.start))]

    def model(name, at_once):
        # waiting is no failure: the server works for several at a time
        return APILLM(
            api_url=job.api,
            model_id=name,
            api_key=job.key,
            max_concurrent_calls=at_once,
            max_retries=0,
            call_timeout_s=900,
            gather_timeout_s=7200,
            client_kwargs={"max_retries": 0},
        )

    task = ClassificationTask(
        pandas.DataFrame({"x": [row["input"] for row in job.pool], "y": [row["target"] for row in job.pool]}),
        task_description=job.briefing,
        n_subsamples=rows,
        eval_strategy="sequential_block",
        seed=job.seed,
    )
    evaluation = model("evaluation", job.concurrency)
    optimizer = OPTIMIZERS[job.algorithm](
        predictor=Parsed(evaluation, job),
        task=task,
        meta_llm=model("generator", 2),
        initial_prompts=start,
        callbacks=[UntilSpent(job)],
        **settings,
    )
    note = None
    try:
        optimizer.optimize(10_000)
    except Exception as error:
        note = job.note_of(error)
    scores = [float(score) for score in optimizer.scores]
    place = int(numpy.argmax(scores)) if scores else 0
    return {
        "prompt": optimizer.prompts[place].construct_prompt(),
        "score": scores[place] if scores else None,
        "tried": len(getattr(task, "prompt_evaluated_blocks", {})) or None,
        "note": note,
    }
