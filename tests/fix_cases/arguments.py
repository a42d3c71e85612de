"""Arguments that a verb does not have, and options that several verbs share."""

from fix_cases import Case

CASES = [
    Case(
        "OptionError: a misspelled argument",
        'df.imb.counts("y", test_sise=0.3)',
        'df.imb.counts("y", test_size=0.3)',
    ),
    Case("OptionError: an argument like no other", 'df.imb.counts("y", zzz=1)', 'df.imb.counts("y")'),
    Case("OptionError: by place", 'df.imb.fit_eval("y", "forest")'),
    Case("TargetError: no target", "df.imb.split()", 'df.imb.split("y")'),
]
