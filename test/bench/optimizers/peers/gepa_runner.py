"""gepa.optimize with its own adapter. What GEPA is told of the task stands in its reflection prompt, and in the feedback to each row."""

import litellm

litellm.telemetry = False
litellm.suppress_debug_info = True

import gepa
from gepa.adapters.default_adapter.default_adapter import DefaultAdapter, EvaluationResult
from gepa.lm import LM
from gepa.strategies.instruction_proposal import InstructionProposalSignature


class Silent:
    def log(self, message):
        pass


def run(job):
    settings = dict(job.settings)
    validation = settings.pop("validation", None)  # None: GEPA's default, all rows play both parts
    rows = [{"input": row["input"], "answer": row["target"], "additional_context": {}} for row in job.pool]

    def evaluator(data, response):
        if job.is_right(data["input"], response):
            return EvaluationResult(score=1.0, feedback="Correct.")
        return EvaluationResult(
            score=0.0,
            feedback=f"Wrong. The right answer is '{data['answer']}', and it must be given alone, with no other words.",
        )

    call = {"api_base": job.api, "api_key": job.key}
    adapter = DefaultAdapter(
        model="openai/evaluation",
        evaluator=evaluator,
        max_litellm_workers=job.concurrency,
        litellm_batch_completion_kwargs=call,
    )
    adapter._lm.num_retries = 0
    best = {"prompt": job.start[0], "score": None, "tried": 1}

    class Keep:
        """The best candidate so far, for the case that the end of the budget is met as an error."""

        def on_valset_evaluated(self, event):
            score, candidate = event["average_score"], event["candidate"]
            best["tried"] += 1
            if best["score"] is None or score > best["score"]:
                best.update(prompt=candidate["instruction"], score=score)

    note = None
    try:
        result = gepa.optimize(
            seed_candidate={"instruction": job.start[0]},
            trainset=rows if validation is None else rows[validation:],
            valset=None if validation is None else rows[:validation],
            adapter=adapter,
            reflection_lm=LM("openai/generator", num_retries=0, **call),
            reflection_prompt_template=f"The task: {job.briefing}\n\n{InstructionProposalSignature.default_prompt_template}",
            max_metric_calls=job.budget["evaluation"],
            stop_callbacks=[lambda state: job.is_spent()],
            callbacks=[Keep()],
            seed=job.seed,
            logger=Silent(),
            raise_on_exception=False,
            **settings,
        )
        scores = list(result.val_aggregate_scores)
        best = {"prompt": result.best_candidate["instruction"], "score": max(scores), "tried": len(scores)}
    except Exception as error:
        note = job.note_of(error)
    return {**best, "note": note}
