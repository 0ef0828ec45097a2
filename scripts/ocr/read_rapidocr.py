"""Reads pictures with RapidOCR's defaults on one thread; the names stand on standard input, one a line.

Prints a JSON object a line: first the CPU seconds of loading, then each picture's text or error. Downloads nothing: the
models lie in the wheel.
"""
import json
import logging
import sys
import time

from rapidocr import RapidOCR


def main():
    logging.disable(logging.INFO)
    engine = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1})
    print(json.dumps({"loading": time.process_time()}), flush=True)
    for name in sys.stdin.read().splitlines():
        try:
            answer = {"text": "\n".join(engine(name).txts or [])}
        except Exception as error:  # whatever a picture does to it, the others are still read
            answer = {"text": "", "fault": f"{type(error).__name__}: {error}"[:200]}
        print(json.dumps({"file": name, **answer}), flush=True)


if __name__ == "__main__":
    main()
