// Which rows are shown: a text, the outcome, and any number of states that columns must be in.

const OUTCOMES = [
  { name: "all", label: `all ${report.nouns[1]}`, admits: () => true },
  { name: "matching", label: "what matches", admits: (row) => row.matches },
  { name: "failing", label: "what does not match", admits: (row) => !row.matches },
  // Of alternatives one is enough: none of them is an obstacle.
  { name: "one", label: "one obstacle only", admits: (row) => row.failing === 1, ofClauses: true },
].filter(isSensible);

const STATE_FILTERS = [
  { name: "fails", label: "fails", admits: (row, column) => !report.passes(row, column) },
  { name: "only", label: "is the only obstacle", admits: isOnlyObstacle, ofClauses: true },
  ...report.states.map((state, digit) => ({
    name: state.name,
    label: state.name === "pass" ? "passes" : `fails: ${state.word}`,
    admits: (row, column) => row.digits[column] === String(digit),
  })),
].filter(isSensible);

function isSensible(choice) {
  return report.column === "clause" || !choice.ofClauses;
}

function isOnlyObstacle(row, column) {
  return !report.passes(row, column) && row.failing === 1;
}

const filters = { text: "", outcome: OUTCOMES[0], verdicts: [] };

function isFiltered() {
  return filters.text !== "" || filters.outcome !== OUTCOMES[0] || filters.verdicts.length > 0;
}

function filtered(rows) {
  const wanted = filters.text.toLowerCase();
  return rows.filter(
    (row) =>
      filters.outcome.admits(row) &&
      filters.verdicts.every(({ column, state }) => state.admits(row, column)) &&
      (wanted === "" || searchedText(row).includes(wanted)),
  );
}

// All that the text filter looks at, made when it is first used.
function searchedText(row) {
  row.searched ??= [row.key, row.name ?? "", ...row.cells.flatMap((_, column) => report.valuesOf(row, column))]
    .join("\n")
    .toLowerCase();
  return row.searched;
}

function addVerdictFilter(column, state) {
  const isThere = filters.verdicts.some((each) => each.column === column && each.state === state);
  if (!isThere) filters.verdicts.push({ column, state });
}

function clearFilters() {
  Object.assign(filters, { text: "", outcome: OUTCOMES[0], verdicts: [] });
}
