"""MIPROv2 and COPRO of dspy. The evaluation model is asked through a bare adapter, instruction, examples, input: a model this small
does not follow the field markers of the stock adapters in the few tokens of an answer. The generator is asked through the stock one."""

import logging

import dspy
from dspy.utils.exceptions import AdapterParseError

logging.disable(logging.CRITICAL)


class Bare(dspy.Adapter):
    """What the stock adapter shows of a signature, without its markers: the instruction, and the description of the answer."""

    def format(self, signature, demos, inputs):
        return [{"role": "user", "content": text_of(signature, demos) + "\n\n" + inputs["text"]}]

    def parse(self, signature, completion):
        return {"answer": completion.strip()}  # an example shows the answer, not the blank in front of it


class Adapter(dspy.ChatAdapter):
    """Bare for the task itself; the stock adapter for what dspy asks its generator."""

    def __call__(self, lm, lm_kwargs, signature, demos, inputs):
        if [*signature.input_fields, *signature.output_fields] == ["text", "answer"]:
            return Bare()(lm, lm_kwargs, signature, demos, inputs)
        return super().__call__(lm, lm_kwargs, signature, demos, inputs)


class Answer(dspy.Module):
    # its source is shown to the generator: nothing of the benchmark belongs in here
    def __init__(self, signature):
        super().__init__()
        self.predict = dspy.Predict(signature)

    def forward(self, text):
        return self.predict(text=text)


def signature_of(job):
    told = f"{job.briefing} The answer must be given alone, with no other words."
    fields = {"text": (str, dspy.InputField(desc="the input")), "answer": (str, dspy.OutputField(desc=told))}
    return dspy.Signature(fields, job.start[0], signature_name="Answer")


def text_of(signature, demos):
    """Examples as the other methods show them: with a line before and behind, or this model goes on with "Output:"."""
    told = signature.output_fields["answer"].json_schema_extra["desc"]
    shown = [f"Input: {demo['text']}\nOutput: {demo['answer']}" for demo in demos if "text" in demo and "answer" in demo]
    around = ["Examples:", *shown, "Now the input to answer:"] if shown else []
    return "\n\n".join([signature.instructions, told, *around])


def run(job):
    def model(name, cache):
        return dspy.LM(f"openai/{name}", api_base=job.api, api_key=job.key, cache=cache, num_retries=0)

    # equal questions are asked once, as dspy does by itself; the same text asked for again is to be another one
    evaluation, generator = model("evaluation", True), model("generator", False)
    # a row that meets the end of the budget counts as wrong
    dspy.configure(lm=evaluation, adapter=Adapter(), max_errors=10**6)
    rows = [dspy.Example(text=row["input"], answer=row["target"]).with_inputs("text") for row in job.pool]
    tried = []

    def metric(example, prediction, trace=None):
        return job.is_right(example.text, prediction.answer)

    program = Answer(signature_of(job))
    settings = dict(job.settings)
    note = None
    try:
        if job.algorithm == "mipro":
            validation, bootstrap = settings.pop("validation", None), settings.pop("bootstrap", None)
            compile_settings = settings.pop("compile", {})
            optimizer = dspy.MIPROv2(
                metric=metric,
                prompt_model=generator,
                task_model=evaluation,
                num_threads=job.concurrency,
                seed=job.seed,
                **settings,
            )
            train, val = (rows, None)
            if validation is not None:
                train, val = rows[validation:][:bootstrap], rows[:validation]
            best = optimizer.compile(program, trainset=train, valset=val, **compile_settings)
            score = getattr(best, "score", None)
        else:
            sample = settings.pop("rows")
            optimizer = dspy.COPRO(prompt_model=generator, metric=metric, **settings)
            best = optimizer.compile(
                program,
                trainset=rows[:sample],
                eval_kwargs={"num_threads": job.concurrency, "display_progress": False},
            )
            candidates = getattr(best, "candidate_programs", [])
            score = candidates[0]["score"] if candidates else None
            tried = candidates
    except AdapterParseError as error:
        best, score = program, None
        note = f"gave up on an answer of the generator that could not be read: {error}"[:300]
    except Exception as error:
        best, score = program, None
        note = job.note_of(error)
    signature, demos = best.predict.signature, best.predict.demos
    return {
        "prompt": text_of(signature, demos),
        "score": None if score is None else float(score) / 100,
        "tried": len(tried) or None,
        "note": note,
    }
