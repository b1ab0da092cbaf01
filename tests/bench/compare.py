"""Ours beside the peers, in one run on one machine: seconds, processor seconds, peak memory, ratios.

  python3 tests/bench/compare.py PROGRAM [--firms 5000] [--behind 24] [--rounds 3] [--peers calamine,fastexcel,polars] [--plain PLAIN]

PROGRAM is a built `yuebao`; PLAIN the reading library by itself (`cargo bench --no-run --bench plain` says where it
lies). `--behind` puts so many months of exports behind the month that is read, and the workbooks of the month twelve
months back. Everything is made in a temporary folder; packages of the peers go to a virtual environment in it.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
PACKAGES = ["xlsxwriter", "openpyxl", "pandas", "python-calamine", "fastexcel", "polars", "pyarrow"]
YEAR, MONTH = 2025, 7


def back(months):
    """The month so many before the one that is read."""
    year, month = divmod(YEAR * 12 + MONTH - 1 - months, 12)
    return f"{year}-{month + 1:02d}"


class Bench:
    def __init__(self, arguments, folder):
        self.arguments, self.folder, self.measured = arguments, folder, {}
        venv.create(f"{folder}/venv", with_pip=True)
        self.python = f"{folder}/venv/bin/python"
        subprocess.run([self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES], check=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def measure(self, case, command):
        """Runs a command; its wall clock, processor seconds and peak memory, children included, in MiB."""
        began = time.monotonic()
        said = open(self.path("said"), "w+", encoding="utf-8")
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        if status != 0:
            said.seek(0)
            sys.exit(f"{case}: {' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}\n{said.read()[-2000:]}")
        self.measured.setdefault(case, []).append((seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))

    def ours(self, case, output, *command):
        self.measure(case, [self.arguments.program, "--project", self.path("project"), "--output", output, *command])

    def corpus(self, name, *arguments):
        """Workbooks an hour old: what changed just now is waited for."""
        subprocess.run([self.python, f"{HERE}/corpus.py", self.path(name), str(self.arguments.firms), *arguments], check=True)
        hour_ago = time.time() - 3600
        for file in os.scandir(self.path(f"{name}/inbox")):
            os.utime(file.path, (hour_ago, hour_ago))

    def project(self):
        """The shipped jobs over the roster of the corpus; seeds that name other firms are cut to their headers."""
        for part in ["jobs", "seeds"]:
            shutil.copytree(f"{PROJECT}/{part}", self.path(f"project/{part}"))
        shutil.copy(self.path("new/firms.csv"), self.path("project/seeds/firms.csv"))
        for seed in ["restructurings", "qualifications", "feedback", "targets"]:
            path = self.path(f"project/seeds/{seed}.csv")
            with open(path, encoding="utf-8") as file:
                header = file.readline()
            with open(path, "w", encoding="utf-8") as file:
                file.write(header)
        settings = self.path("project/jobs/pipeline.toml")
        with open(settings, encoding="utf-8") as file:
            lines = [line for line in file if not line.startswith("bureau_code")]
        with open(settings, "w", encoding="utf-8") as file:
            file.writelines(lines)

    def correct(self, source, output, name):
        """One workbook with one figure changed, as its sender would save it."""
        code = "import openpyxl, sys; b = openpyxl.load_workbook(sys.argv[1]); s = b.worksheets[0]; s['D11'] = s['D11'].value - 1; b.save(sys.argv[2])"
        target = f"{output}/inbox/{name}"
        subprocess.run([self.python, "-c", code, source, target], check=True)
        minute_ago = time.time() - 60
        os.utime(target, (minute_ago, minute_ago))

    def round(self, number):
        output = self.path(f"output-{number}")
        if self.arguments.behind:
            shutil.copytree(self.path("behind"), output, symlinks=True)
        inbox = f"{output}/inbox"
        shutil.copytree(self.path("new/inbox"), inbox, dirs_exist_ok=True)
        for peer in self.arguments.peers:
            processes = ["2"] if peer == "calamine" else []
            self.measure(peer, [self.python, f"{HERE}/peers.py", peer, self.path("new/inbox"), self.path("peer.parquet"), *processes])
        if self.arguments.plain:
            self.measure("plain", [self.arguments.plain, self.path("new/inbox"), self.path("plain.parquet")])
        self.ours("all from the inbox to an edition", output, "run")
        self.ours("nothing new", output, "run")
        newest = f"{YEAR}-{MONTH:02d}"
        self.correct(self.path(f"new/inbox/{newest}-{17:07d}.xlsx"), output, "one.xlsx")
        self.ours("one workbook of the newest month changed", output, "run")
        if self.arguments.behind >= 12:
            self.correct(self.path(f"old/inbox/{back(12)}-{17:07d}.xlsx"), output, "old.xlsx")
            self.ours("one workbook twelve months back changed", output, "run")
        self.ours("check of one workbook", output, "check", self.path(f"new/inbox/{newest}-{19:07d}.xlsx"))
        shutil.rmtree(output)

    def behind(self):
        """A lake with months of exports, and with workbooks twelve months back."""
        spans = [(self.arguments.behind, 13), (11, 1)] if self.arguments.behind >= 12 else [(self.arguments.behind, 1)]
        for number, (first, last) in enumerate(spans):
            if first >= last:
                self.corpus(f"exports-{number}", back(first), back(last), "--export")
                shutil.copytree(self.path(f"exports-{number}/inbox"), self.path("behind/inbox"), dirs_exist_ok=True)
        if self.arguments.behind >= 12:
            self.corpus("old", back(12), back(12))
            shutil.copytree(self.path("old/inbox"), self.path("behind/inbox"), dirs_exist_ok=True)
        self.ours("months behind", self.path("behind"), "run")
        self.measured.clear()

    def table(self):
        median = lambda case, place: statistics.median(run[place] for run in self.measured[case])
        base = median("calamine", 0) if "calamine" in self.measured else None
        print(f"| {self.arguments.firms} workbooks, {self.arguments.behind} months behind | wall s | processor s | peak MiB | ratio to calamine, 2 processes |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for case in self.measured:
            ratio = f"{median(case, 0) / base:.2f}" if base else ""
            print(f"| {case} | {median(case, 0):.2f} | {median(case, 1):.2f} | {median(case, 2):.0f} | {ratio} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--firms", type=int, default=5000)
    parser.add_argument("--behind", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=lambda text: text.split(","), default=["calamine", "fastexcel", "polars"])
    parser.add_argument("--plain", type=os.path.abspath)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(arguments, folder)
        bench.corpus("new", f"{YEAR}-{MONTH:02d}", f"{YEAR}-{MONTH:02d}")
        bench.project()
        if arguments.behind:
            bench.behind()
        for number in range(arguments.rounds):
            bench.round(number)
        bench.table()


if __name__ == "__main__":
    main()
