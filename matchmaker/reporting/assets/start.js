// What the page's controls do, and its first look.

const MOST_VALUES = 10; // so many columns of verdicts show their values from the start
const byId = (id) => document.getElementById(id);

const columns = makeColumns();
const details = new Details(byId("details"));
const grid = new Grid(byId("grid"), byId("scroller"), columns, {
  onSort: sortBy,
  onRead: (row, column) => details.show(row, column),
  onEnter: () => byId("details").focus(),
});
let sorting = { column: columns.find((column) => column.id === "place"), descending: false };

function sortBy(column) {
  const again = sorting.column === column;
  sorting = { column, descending: again ? !sorting.descending : Boolean(column.largestFirst) };
  refresh();
}

function refresh() {
  const shown = sorted(filtered(report.rows), sorting.column, sorting.descending);
  grid.markSorted(sorting.column, sorting.descending);
  grid.show(shown);
  const number = shown.length.toLocaleString("en");
  byId("status").textContent = `Showing ${number} of ${counted(report.rows.length)}, sorted by ${sortingName()}`;
  byId("clear").hidden = !isFiltered();
  byId("chips").replaceChildren(...filters.verdicts.map(chip));
}

function sortingName() {
  const { column, descending } = sorting;
  const name = column.verdict === undefined ? column.label.toLowerCase() : `${report.column} ${column.label}`;
  return descending ? `${name}, descending` : name;
}

function chip(filter) {
  const text = `${capitalised(report.column)} ${report.columns[filter.column].number} ${filter.state.label}`;
  const button = element("button", { type: "button", "aria-label": `Remove filter: ${text}` }, `${text} ×`);
  button.addEventListener("click", () => {
    filters.verdicts = filters.verdicts.filter((each) => each !== filter);
    refresh();
    byId("text-filter").focus();
  });
  return element("li", {}, button);
}

function filterByVerdict(column, state) {
  addVerdictFilter(column, STATE_FILTERS.find(({ name }) => name === state));
  refresh();
}

function fillSelect(select, choices) {
  select.append(...choices.map(({ name, label }) => element("option", { value: name }, label)));
}

function startFilters() {
  fillSelect(byId("outcome-filter"), OUTCOMES);
  const nameOf = ({ number, text }) => `${number} ${text.slice(0, 60)}`;
  fillSelect(byId("filter-column"), report.columns.map((column, index) => ({ name: index, label: nameOf(column) })));
  fillSelect(byId("filter-state"), STATE_FILTERS);
  byId("verdict-filter").hidden = report.columns.length === 0;
  byId("text-filter").addEventListener("input", (event) => {
    filters.text = event.target.value.trim();
    refresh();
  });
  byId("outcome-filter").addEventListener("change", (event) => {
    filters.outcome = OUTCOMES[event.target.selectedIndex];
    refresh();
  });
  byId("add-filter").addEventListener("click", () => {
    filterByVerdict(Number(byId("filter-column").value), byId("filter-state").value);
  });
  byId("clear").addEventListener("click", () => {
    clearAll();
    refresh();
    byId("text-filter").focus();
  });
}

function clearAll() {
  clearFilters();
  byId("text-filter").value = "";
  byId("outcome-filter").selectedIndex = 0;
}

// The counts in the overview become buttons that show whom they count.
function startShortcuts() {
  for (const count of document.querySelectorAll(".shortcut")) {
    const title = `Show these ${report.nouns[1]}`;
    const button = element("button", { type: "button", class: count.className, title }, ...count.childNodes);
    button.addEventListener("click", () => {
      clearAll();
      filterByVerdict(Number(count.dataset.column), count.dataset.state);
      byId("matrix-heading").scrollIntoView();
      byId("chips").querySelector("button").focus({ preventScroll: true });
    });
    count.replaceWith(button);
  }
}

function startDensity() {
  const box = byId("values").querySelector("input");
  box.checked = report.columns.length <= MOST_VALUES;
  box.addEventListener("change", () => grid.setDense(!box.checked));
  byId("values").hidden = report.columns.length === 0;
  grid.setDense(!box.checked);
}

// The system's theme, until another is chosen.
function startTheme() {
  const button = byId("theme");
  const chosen = document.documentElement.dataset;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (chosen.theme ? chosen.theme === "dark" : system.matches);
  const mark = () => button.setAttribute("aria-pressed", isDark());
  system.addEventListener("change", mark);
  button.addEventListener("click", () => {
    chosen.theme = isDark() ? "light" : "dark";
    mark();
  });
  button.hidden = false;
  mark();
}

function startPrinting() {
  addEventListener("beforeprint", () => {
    grid.showForPrinting();
    byId("printed").hidden = grid.last === grid.rows.length;
  });
  addEventListener("afterprint", () => grid.rebuild());
}

byId("details").addEventListener("keydown", (event) => {
  if (event.key === "Escape") grid.focusActive();
});
byId("matrix").hidden = report.rows.length === 0;
startFilters();
startShortcuts();
refresh();
startDensity();
startTheme();
startPrinting();
grid.active.row = report.rows.length > 0 ? 0 : -1;
grid.rove();
