"""Predictions that come with the rows."""

from fix_cases import NUMBERS, Case

SCORED = f"""{NUMBERS}
df["p"] = (0.3 + 0.15 * df.a).clip(0.01, 0.97)
df["q"] = df.p - 0.5
df["flag"] = (df.p > 0.4) * 1
df["said"] = np.where(df.flag == 1, "yes", "no")
df["part"] = np.where(df.index % 3 == 0, "test", "train")
"""


def changed(lines: str) -> str:
    return f"{SCORED}{lines}\n"


def scored(options: str) -> str:
    return f'df.imb.score("y", {options})'


def refused(what: str, options: str, fix: str = "", setup: str = SCORED, lines: str = "") -> Case:
    return Case(f"OptionError: {what}", scored(options), f"{lines}{scored(fix)}" if fix else "", setup)


AS_LABELS, AS_SCORES = scored('pred="said"'), scored('scores="p"')

CASES = [
    Case("OptionError: no predictions", 'df.imb.score("y")', "", SCORED),
    refused("labels and scores", 'pred="said", scores="p", threshold=0.3', 'pred="said"'),
    refused("a threshold for labels", 'pred="said", threshold=0.3', 'pred="said"'),
    refused("a misspelled column", 'pred="siad"', 'pred="said"'),
    refused(
        "an array",
        "pred=np.asarray(df.said)",
        'pred="pred"',
        lines="df = df.assign(pred=pred)\n",
        setup=changed("pred = np.asarray(df.said)"),
    ),
    refused(
        "another index",
        "pred=pred",
        "pred=pred",
        changed("pred = df.said.set_axis(range(5, 405))"),
        "pred = pred.set_axis(df.index)\n",
    ),
    refused("scores as labels", 'pred="p"', 'scores="p"'),
    refused("labels as scores", 'scores="said", threshold=0.3', 'pred="said"'),
    refused(
        "labels of another type",
        'pred="text"',
        'pred="text"',
        changed('df["y"], df["text"] = (df.y == "yes") * 1, df.flag.astype(str)'),
        "df[\"text\"] = df[\"text\"].map({'0': 0, '1': 1})\n",
    ),
    refused("labels that the target lacks", 'pred="part"'),
    refused(
        "scores of several classes",
        'scores="p"',
        'scores="p", pos_label=2',
        changed('df["y"] = df.index % 3'),
    ),
    refused(
        "percent without a threshold",
        'scores="s"',
        'scores="s", threshold=50',
        changed('df["s"] = 100 * df.p'),
    ),
    refused("a threshold that is none", 'scores="p", threshold="half"', 'scores="p"'),
    refused("a threshold in percent", 'scores="p", threshold=30', 'scores="p", threshold=0.3'),
    refused("a threshold out of range", 'scores="q", threshold=-3', 'scores="q"'),
    refused("marks of train alone", 'pred="said", split="s"', 'pred="said"', changed('df["s"] = "train"')),
    refused(
        "marks that are missing",
        'pred="said", split="s"',
        'pred="said", split="s"',
        changed('df["s"] = df.part.mask(df.index % 7 == 0)'),
        'df = df[df["s"].notna()]\n',
    ),
    refused(
        "groups that are missing",
        'pred="said", groups="g"',
        'pred="said", groups="g"',
        changed('df["g"] = (df.index % 40).where(df.index % 7 > 0)'),
        'df = df[df["g"].notna()]\n',
    ),
    Case(
        "IMB217: labels",
        scored('pred="said"'),
        f'df["said"] = df["said"].fillna("no")\n{AS_LABELS}',
        changed('df["said"] = df.said.mask(df.index % 9 == 0)'),
    ),
    Case(
        "IMB217: scores",
        scored('scores="p"'),
        f'df = df[df["p"].notna()]\n{AS_SCORES}',
        changed('df["p"] = df.p.mask(df.index % 9 == 0)'),
    ),
    Case(
        "IMB403: no row at a threshold",
        scored('scores="p", threshold=0.99'),
        scored('scores="p", threshold=0.51'),
        SCORED,
    ),
    Case("IMB412: flags as scores", scored('scores="flag"'), scored('pred="flag"'), SCORED),
    Case(
        "IMB413: predictions",
        scored('scores="p"'),
        f'df["p"] = 1 - df["p"]\n{AS_SCORES}',
        changed('df["p"] = 1 - df.p'),
    ),
    Case(
        "IMB413: margins",
        scored('scores="q", threshold=0.1'),
        'df["q"] = -df["q"]\n' + scored('scores="q", threshold=-0.1'),
        changed('df["q"] = -df.q'),
    ),
    Case("IMB414: one score", scored('scores="s"'), "", changed('df["s"] = 0.1')),
    Case("IMB420", scored('pred="s"'), "", changed('df["s"] = df.y')),
    Case(
        "IMB421",
        scored('pred="flag"'),
        'df["flag"] = df["flag"].map({1: 0, 0: 1})\n' + scored('pred="flag"'),
        changed('df["flag"] = 1 - df.flag'),
    ),
]
