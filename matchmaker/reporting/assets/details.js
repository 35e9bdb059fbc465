// The panel beside the table: what the cell under the pointer, or with the focus, is about.

class Details {
  constructor(panel) {
    this.panel = panel;
    this.scoreRange = rangeOf(report.rows.flatMap((row) => row.contributions));
    const hint = "Point at a cell, or move to it with the arrow keys, to see what was read there.";
    panel.append(element("p", { id: "details-sentence", class: "nothing" }, hint));
  }

  // `row` is null where a heading is read.
  show(row, column) {
    if (this.row === row && this.column === column) return;
    Object.assign(this, { row, column });
    const parts = [element("p", { id: "details-sentence", class: "unseen" }, sentenceOn(row, column))];
    if (column.verdict !== undefined) parts.push(row === null ? headingDetails(column) : cellDetails(row, column));
    if (row !== null) parts.push(...this.rowDetails(row));
    if (parts.length === 1) parts.push(element("p", { class: "nothing" }, `Sorts by ${column.label.toLowerCase()}.`));
    this.panel.replaceChildren(...parts);
    this.panel.scrollTop = 0;
  }

  rowDetails(row) {
    const parts = [
      element(
        "section", {},
        element("h3", {}, row.name ?? row.key),
        facts([
          ["Key", row.key],
          ["Place", row.place === null ? null : row.place.toLocaleString("en")],
          ["Score", report.ranked && row.matches ? (row.score?.shown ?? "none") : null],
          ["Fails", failingText(row)],
        ]),
      ),
    ];
    if (row.contributions.length > 0) parts.push(this.contributions(row));
    return parts;
  }

  contributions(row) {
    const lines = row.contributions.map((number, term) =>
      element(
        "li", {},
        element("code", {}, report.terms[term] ?? ""),
        element("span", { class: "amount" }, number?.shown ?? "missing"),
        bar(number, this.scoreRange),
      ),
    );
    const section = element("section", {}, element("h3", {}, "What the rank adds up"));
    section.append(element("ul", { class: "terms" }, ...lines));
    if (row.ahead) {
      const other = element("strong", {}, row.ahead.label);
      section.append(element("p", { class: "ahead" }, "Ahead of ", other, ": ", ...prose(row.ahead.why)));
    }
    return section;
  }
}

// In one sentence, for those who hear the page: the column's text is read out already.
function sentenceOn(row, column) {
  if (column.verdict === undefined) return row === null ? "" : outcomeOf(row);
  const clause = `${capitalised(report.column)} ${column.label}, ${column.text}`;
  if (row === null) return `${clause}: ${passingText(column)}`;
  const readings = report.readingsOf(row, column.verdict);
  const values = readings.map(({ attribute, value }) => `${attribute} is ${value ?? "missing"}`);
  return `${clause}: ${report.stateOf(row, column.verdict).word}. ${values.join("; ")}`;
}

function outcomeOf(row) {
  if (!row.matches) return `Does not match: fails ${failingText(row)}`;
  return row.place === null ? "Matches" : `Matches, in place ${row.place.toLocaleString("en")}`;
}

function failingText(row) {
  const numbers = report.columns.filter((_, column) => !report.passes(row, column)).map(({ number }) => number);
  if (numbers.length === 0) return null;
  return `${report.column}${numbers.length === 1 ? "" : "s"} ${numbers.join(", ")}`;
}

function passingText({ passing }) {
  return `${counted(passing)} of ${report.considered.toLocaleString("en")} ${passing === 1 ? "passes" : "pass"}`;
}

function headingDetails(column) {
  return element(
    "section", {},
    element("h3", {}, `${capitalised(report.column)} ${column.label}`),
    element("pre", {}, element("code", {}, column.text)),
    element("p", {}, passingText(column)),
  );
}

function cellDetails(row, column) {
  const readings = report.readingsOf(row, column.verdict);
  const name = `${capitalised(report.column)} ${column.label} `;
  const title = element("h3", {}, name, stateMark(report.stateOf(row, column.verdict)));
  // A clause that is one comparison is shown as that comparison alone.
  if (readings.length === 1 && readings[0].comparison === column.text) {
    return element("section", {}, title, readingDetails(readings[0], []));
  }
  const text = element("pre", {}, element("code", {}, column.text));
  const parts = readings.map((reading) => readingDetails(reading, [stateMark(reading.state)]));
  return element("section", {}, title, text, ...parts);
}

function readingDetails(reading, marks) {
  return element(
    "div", { class: "reading" },
    element("div", { class: "comparison" }, element("code", {}, reading.comparison), ...marks),
    facts([
      ["Attribute", reading.attribute, "code"],
      ["Value", reading.value === "" ? "(empty)" : (reading.value ?? "none"), reading.value ? "code" : "span"],
      ["Read as", reading.readAs, "code"],
      ["Literal", literalOf(reading), "code"],
      ["Note", reading.note || null],
    ]),
  );
}

// What stands behind `ATTRIBUTE operator`; a comparison of another form has no literal to show.
function literalOf({ comparison, attribute }) {
  const begins = [attribute, `"${attribute}"`].find((text) => comparison.startsWith(text));
  const found = begins === undefined ? null : /^\s*(?:[=!<>@]+|in\b)\s*([^]+)$/.exec(comparison.slice(begins.length));
  return found && found[1];
}

function facts(pairs) {
  const list = element("dl", { class: "facts" });
  for (const [label, text, tag = "span"] of pairs) {
    if (text !== null) list.append(element("dt", {}, label), element("dd", {}, element(tag, {}, text)));
  }
  return list;
}

function capitalised(word) {
  return word[0].toUpperCase() + word.slice(1);
}
