"""The sentences of a spoken summary, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """Templates; `space` stands between sentences, `comma` between parts of one."""

    language: str
    space: str
    comma: str
    conjunction: str
    titled: str
    untitled: str
    opening: str
    one_column: str
    row: str
    rows: str
    no_rows: str
    and_more: str
    sentence: str
    labelled: str
    field: str
    yes: str
    no: str
    missing: str
    constant: str
    numbers_total: str
    numbers: str
    for_label: str
    at_time: str
    on_day: str
    gap: str
    gaps: str
    rose: str
    fell: str
    steady: str
    up: str
    down: str
    more_numbers: str
    truths: str
    words: str

    def listed(self, names: list[str]) -> str:
        """List names as one says them: "A, B and C"."""
        if len(names) < 2:
            return names[0]
        separator = "、" if self.language == "zh" else ", "
        return f"{separator.join(names[:-1])}{self.conjunction}{names[-1]}"


PHRASES = {
    "en": Phrases(
        language="en",
        space=" ",
        comma=", ",
        conjunction=" and ",
        titled="The table “{title}”",
        untitled="The table",
        opening="{start} has {rows} and {columns} columns: {names}.",
        one_column="{start} has {rows} and one column: {names}.",
        row="one row",
        rows="{count} rows",
        no_rows="no rows",
        and_more="{names}, and {count} more",
        sentence="{text}.",
        labelled="{label}: {text}.",
        field="{name} {value}",
        yes="yes",
        no="no",
        missing="not given",
        constant="{name} is always {value}.",
        numbers_total="{name}: in total {total}, on average {mean}; the highest is {highest}, the lowest {lowest}.",
        numbers="{name}: on average {mean}; the highest is {highest}, the lowest {lowest}.",
        for_label="{value} for {label}",
        at_time="{value} in {label}",
        on_day="{value} on {label}",
        gap="One value is missing.",
        gaps="{count} values are missing.",
        rose="From {start} to {end}, {name} rose from {first} to {last}{by}.",
        fell="From {start} to {end}, {name} fell from {first} to {last}{by}.",
        steady="From {start} to {end}, {name} stayed at about {last}.",
        up=", by {percent} percent",
        down=", by {percent} percent",
        more_numbers="{count} more columns hold numbers.",
        truths="{name}: yes in {count} of {total} rows.",
        words="{name} has {kinds} different values; the most frequent is {value}, {count} times.",
    ),
    "zh": Phrases(
        language="zh",
        space="",
        comma="，",
        conjunction="和",
        titled="表格《{title}》",
        untitled="这个表格",
        opening="{start}有{rows}、{columns}列：{names}。",
        one_column="{start}有{rows}、一列：{names}。",
        row="一行",
        rows="{count}行",
        no_rows="零行",
        and_more="{names}等，另有{count}列",
        sentence="{text}。",
        labelled="{label}：{text}。",
        field="{name}{value}",
        yes="是",
        no="否",
        missing="缺失",
        constant="{name}都是{value}。",
        numbers_total="{name}：合计{total}，平均{mean}；最高是{highest}，最低是{lowest}。",
        numbers="{name}：平均{mean}；最高是{highest}，最低是{lowest}。",
        for_label="{label}的{value}",
        at_time="{label}的{value}",
        on_day="{label}的{value}",
        gap="有一个值缺失。",
        gaps="有{count}个值缺失。",
        rose="从{start}到{end}，{name}从{first}升到{last}{by}。",
        fell="从{start}到{end}，{name}从{first}降到{last}{by}。",
        steady="从{start}到{end}，{name}大致保持在{last}。",
        up="，上升百分之{percent}",
        down="，下降百分之{percent}",
        more_numbers="另有{count}列是数字。",
        truths="{name}：{total}行中有{count}行为是。",
        words="{name}有{kinds}种不同的值；最常见的是{value}，共{count}次。",
    ),
}
