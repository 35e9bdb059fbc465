// The columns of the table: what each shows, how wide it is, and how it sorts. Ties are in the order of the ranking.

const WIDE = 7.2; // rem, of a column that shows values
const NARROW = 2.25; // rem, of a column that shows states alone

const collator = new Intl.Collator("en", { numeric: true });

// The ranking first; then those who fail least, as they come. Two without a place differ by NaN, which counts as nothing.
const ranking = [...report.rows].sort(
  (one, other) =>
    (one.place ?? Infinity) - (other.place ?? Infinity) ||
    Number(other.matches) - Number(one.matches) ||
    one.failing - other.failing ||
    one.position - other.position,
);
ranking.forEach((row, rank) => { row.rank = rank; });

function compareTexts(one, other) {
  const areNumbers = typeof one === "number" && typeof other === "number";
  return areNumbers ? one - other : collator.compare(String(one), String(other));
}

function widthFor(texts, least, most) {
  const longest = texts.reduce((length, text) => Math.max(length, (text ?? "").length), 0);
  return Math.min(Math.max(longest * 0.53 + 1.5, least), most);
}

function makeColumns() {
  const { rows } = report;
  const named = rows.some((row) => row.name !== null && row.name !== row.key);
  const columns = [
    {
      id: "key", label: "Key", style: named ? "key" : "key head", stays: !named,
      width: widthFor(rows.map((row) => row.key), 4.5, 14),
      sortValue: (row) => row.sortKey, compare: compareTexts,
      fill: (cell, row) => cell.append(row.key),
    },
    named && {
      id: "name", label: "Name", style: "name head", stays: true,
      width: widthFor(rows.map((row) => row.name), 6, 14),
      sortValue: (row) => row.name, compare: compareTexts,
      fill: (cell, row) => cell.append(row.name ?? "–"),
    },
    {
      id: "place", label: "Place", style: "number", width: 4.6,
      sortValue: (row) => row.place, compare: (one, other) => one - other,
      fill: fillPlace,
    },
    report.ranked && scoreColumn(rows),
    report.columns.length > 0 && {
      id: "failing", label: "Fails", style: "number", width: 4.6,
      sortValue: (row) => row.failing, compare: (one, other) => one - other,
      fill: (cell, row) => cell.append(String(row.failing)),
    },
    ...report.columns.map(verdictColumn),
  ];
  return columns.filter(Boolean);
}

function fillPlace(cell, row) {
  if (row.place !== null) cell.append(element("strong", {}, row.place.toLocaleString("en")));
  else cell.append(row.matches ? "matches" : "–");
}

function scoreColumn(rows) {
  const range = rangeOf(rows.map((row) => row.score));
  return {
    id: "score", label: "Score", style: "score", width: 6.6, largestFirst: true,
    sortValue: (row) => (row.score === null || Number.isNaN(row.score.value) ? null : row.score.value),
    compare: (one, other) => (one < other ? -1 : Number(one > other)), // a difference of infinities is no number
    fill: (cell, row) => {
      if (row.score !== null) cell.append(element("span", {}, row.score.shown), bar(row.score, range));
      else cell.append(row.matches ? "no score" : "–");
    },
  };
}

function verdictColumn({ number, text, passing }, verdict) {
  return {
    id: `verdict-${verdict}`, label: String(number), text, style: "verdict", verdict, passing,
    sortValue: (row) => [Number(row.digits[verdict]), report.valuesOf(row, verdict).join(", ")],
    compare: ([one, value], [other, otherValue]) => one - other || collator.compare(value, otherValue),
    fill: (cell, row, dense) => {
      const state = report.stateOf(row, verdict);
      const values = report.valuesOf(row, verdict).join(", ");
      cell.classList.add("icon", state.name, `${state.name}-shape`);
      if (dense) cell.setAttribute("aria-label", `${state.word} ${values}`);
      else cell.append(element("span", { class: "word" }, state.word), element("span", { class: "value" }, values));
    },
  };
}

// Sort by values that are computed once per row, in an order that does not depend on the one before. What has no value
// is last.
function sorted(rows, column, descending) {
  const values = new Map(rows.map((row) => [row, column.sortValue(row)]));
  const sign = descending ? -1 : 1;
  const compare = (one, other) =>
    one === null || other === null ? Number(one === null) - Number(other === null) : sign * column.compare(one, other);
  return [...rows].sort((one, other) => compare(values.get(one), values.get(other)) || one.rank - other.rank);
}
