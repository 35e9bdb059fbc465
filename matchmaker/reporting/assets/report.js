// What the page is about: the embedded data. Numbers that stand for texts, readings and cells are looked up on demand.

const PASS = "0"; // the digit of the best state

const report = readReport(JSON.parse(document.getElementById("data").textContent));

function readReport(data) {
  const states = data.states.map(([name, word]) => ({ name, word }));
  const text = (number) => (number < 0 ? null : data.texts[number]);
  const cellOf = (candidate, column) => data.cells[candidate.cells[column]];
  const reading = ([comparison, attribute, value, readAs, note, state]) => ({
    comparison: text(comparison),
    attribute: text(attribute),
    value: text(value),
    readAs: text(readAs),
    note: text(note),
    state: states[state],
  });
  const row = ([key, name, place, score, matches, digits, cells, contributions, ahead], position) => ({
    position,
    key: String(key),
    sortKey: key,
    name: text(name),
    place,
    score: numberOf(score),
    matches: matches === 1,
    digits,
    cells,
    failing: digits.replaceAll(PASS, "").length,
    contributions: contributions.map(numberOf),
    ahead: ahead && { label: text(ahead[0]), why: text(ahead[1]) },
  });
  return {
    ...data,
    states,
    columns: data.columns.map(([number, text, passing]) => ({ number, text, passing })),
    rows: data.rows.map(row),
    passes: (candidate, column) => candidate.digits[column] === PASS,
    stateOf: (candidate, column) => states[Number(candidate.digits[column])],
    readingsOf: (candidate, column) => cellOf(candidate, column).map((number) => reading(data.readings[number])),
    // The values of a cell without the rest of its readings: filters and sorting ask for all of them.
    valuesOf: (candidate, column) =>
      cellOf(candidate, column).map((number) => text(data.readings[number][2])).filter((value) => value !== null),
  };
}

// A number comes as a text where JSON has none like it: infinite, or too large to be exact.
function numberOf(sent) {
  if (sent === null) return null;
  const shown = typeof sent === "string" ? sent : sent.toLocaleString("en", { maximumSignificantDigits: 15 });
  return { value: Number(sent), shown };
}

function counted(count) {
  return `${count.toLocaleString("en")} ${report.nouns[count === 1 ? 0 : 1]}`;
}
