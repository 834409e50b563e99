"""MIPROv2 and COPRO of dspy. The evaluation model is asked through a bare adapter, instruction, examples, input: a model this small
does not follow the field markers of the stock adapters in the few tokens of an answer. The generator is asked through the stock one."""

import logging

import dspy
from dspy.utils.exceptions import AdapterParseError

logging.disable(logging.CRITICAL)


class Bare(dspy.Adapter):
    def format(self, signature, demos, inputs):
        return [{"role": "user", "content": text_of(signature.instructions, demos) + "\n\n" + inputs["text"]}]

    def parse(self, signature, completion):
        return {"answer": completion.strip()}  # an example shows the answer, not the blank in front of it


class Program(dspy.Module):
    def __init__(self, instruction, briefing):
        super().__init__()
        fields = {
            "text": (str, dspy.InputField(desc="the input")),
            "answer": (str, dspy.OutputField(desc=briefing)),
        }
        self.predict = dspy.Predict(dspy.Signature(fields, instruction))
        self.adapter = Bare()

    def forward(self, text):
        with dspy.context(adapter=self.adapter):
            return self.predict(text=text)


def text_of(instructions, demos):
    shown = [f"Input: {demo['text']}\nOutput: {demo['answer']}" for demo in demos if "text" in demo and "answer" in demo]
    return "\n\n".join([instructions, *shown])


def run(job):
    def model(name):
        return dspy.LM(f"openai/{name}", api_base=job.api, api_key=job.key, cache=False, num_retries=0)

    evaluation, generator = model("evaluation"), model("generator")
    dspy.configure(lm=evaluation, max_errors=10**6)  # a row that meets the end of the budget counts as wrong
    rows = [dspy.Example(text=row["input"], answer=row["target"]).with_inputs("text") for row in job.pool]
    tried = []

    def metric(example, prediction, trace=None):
        return job.is_right(example.text, prediction.answer)

    program = Program(job.start[0], job.briefing)
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
        "prompt": text_of(signature.instructions, demos),
        "score": None if score is None else float(score) / 100,
        "tried": len(tried) or None,
        "note": note,
    }
