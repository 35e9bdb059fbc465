// The table. Only the rows near the visible part exist; two spacers stand for the others. One cell is in the tab order
// (a roving tabindex), and the arrow keys move it. Row -1 is the heading.

const AROUND = 10; // rows made above and below the visible ones, so that scrolling and screen readers find them
const SPARE = 3; // so many of these may be scrolled into sight before more are made
const MOST_PRINTED = 1000;

class Grid {
  constructor(table, scroller, columns, { onSort, onRead, onEnter }) {
    Object.assign(this, { table, scroller, columns, onSort, onRead, onEnter });
    this.rows = [];
    this.first = 0; // the rows that exist: from this one
    this.last = 0; // up to, and without, this one
    this.active = { row: -1, column: 0 };
    this.rowHeight = 32;
    this.widths = columns.map((column) => element("col", { class: column.style }));
    this.heads = columns.map((column) => this.heading(column));
    this.above = spacer();
    this.below = spacer();
    this.body = element("tbody", { role: "rowgroup" });
    this.head = element("thead", { role: "rowgroup" }, element("tr", { "aria-rowindex": 1 }, ...this.heads));
    const widths = element("colgroup", {}, ...this.widths);
    table.append(widths, this.head, this.above.body, this.body, this.below.body);
    this.listen();
  }

  heading(column) {
    const label = element("span", { class: "label" }, column.label);
    const button = element("button", { type: "button", tabindex: -1 }, label);
    if (column.verdict !== undefined) {
      button.append(element("code", {}, column.text), bar({ value: column.passing }, [0, report.considered]));
      button.title = column.text;
    }
    button.addEventListener("click", () => this.onSort(column));
    return element("th", { scope: "col", class: column.style, "aria-sort": "none" }, button);
  }

  listen() {
    this.scroller.addEventListener("scroll", () => this.render(), { passive: true });
    this.scroller.addEventListener("keydown", (event) => this.press(event));
    this.table.addEventListener("focusin", (event) => this.focused(event.target));
    // Not pointerover: that comes too when the keyboard scrolls other rows below a pointer at rest.
    this.table.addEventListener("pointermove", (event) => this.pointed(event.target));
    this.table.addEventListener("click", (event) => this.clicked(event.target));
    new ResizeObserver(() => {
      this.measure();
      this.render();
    }).observe(this.scroller);
  }

  // Show these rows from the top.
  show(rows) {
    this.rows = rows;
    this.table.setAttribute("aria-rowcount", rows.length + 1);
    if (this.active.row >= 0) this.active.row = rows.length === 0 ? -1 : 0;
    this.scroller.scrollTop = 0;
    this.rebuild();
  }

  markSorted(column, descending) {
    this.columns.forEach((each, index) => {
      this.heads[index].setAttribute("aria-sort", each !== column ? "none" : descending ? "descending" : "ascending");
    });
  }

  // Columns of verdicts show values, or states alone.
  setDense(dense) {
    this.dense = dense;
    this.table.classList.toggle("dense", dense);
    // What stays in sight leaves room for the rest on a narrow screen.
    const widths = this.columns.map((column) => {
      const width = column.width ?? (dense ? NARROW : WIDE);
      return column.stays ? `min(${width}rem, 38vw)` : `${width}rem`;
    });
    widths.forEach((width, index) => { this.widths[index].style.width = width; });
    this.table.style.width = `calc(${widths.join(" + ")})`;
    this.rebuild();
  }

  rebuild() {
    this.body.replaceChildren();
    this.first = this.last = 0;
    this.setSpacers(); // else there were hardly a visible part to fill
    this.render();
    this.measure();
  }

  // Rows are equally high; how high, the style sheet and the size of letters decide. Cells that get the focus are
  // scrolled to where neither the heading nor the names cover them.
  measure() {
    const height = this.body.rows[0]?.getBoundingClientRect().height;
    if (height && Math.abs(height - this.rowHeight) > 0.1) {
      this.rowHeight = height;
      this.render();
    }
    const top = this.head.getBoundingClientRect().height;
    const left = this.heads[this.columns.findIndex((column) => column.stays)].getBoundingClientRect().width;
    this.scroller.style.scrollPadding = `${top}px 0 0 ${left}px`;
  }

  // Let the rows near the visible part exist, and leave those alone that do already: one of them may have the focus.
  render() {
    const count = this.rows.length;
    const top = Math.min(Math.floor(this.scroller.scrollTop / this.rowHeight), count);
    const bottom = Math.min(top + Math.ceil(this.scroller.clientHeight / this.rowHeight), count);
    const isEnough = this.first <= Math.max(top - SPARE, 0) && this.last >= Math.min(bottom + SPARE, count);
    if (!isEnough) this.renderRange(Math.max(top - AROUND, 0), Math.min(bottom + AROUND, count));
  }

  renderRange(first, last) {
    const hadFocus = this.body.contains(document.activeElement);
    if (first >= this.last || last <= this.first) {
      this.body.replaceChildren();
      this.first = this.last = first;
    }
    for (; this.first < first; this.first++) this.body.firstChild.remove();
    for (; this.last > last; this.last--) this.body.lastChild.remove();
    if (this.first > first) this.body.prepend(...this.made(first, this.first));
    if (this.last < last) this.body.append(...this.made(this.last, last));
    this.first = first;
    this.last = last;
    this.setSpacers();
    this.rove();
    // The keyboard goes on from here when its row has been scrolled away.
    if (hadFocus && !this.body.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
  }

  setSpacers() {
    this.above.setHeight(this.first * this.rowHeight);
    this.below.setHeight((this.rows.length - this.last) * this.rowHeight);
  }

  made(first, last) {
    return this.rows.slice(first, last).map((row, offset) => this.makeRow(row, first + offset));
  }

  makeRow(row, index) {
    const cells = this.columns.map((column) => {
      const isHead = column.stays;
      const cell = element(isHead ? "th" : "td", { class: column.style, tabindex: -1 });
      if (isHead) cell.scope = "row";
      column.fill(cell, row, this.dense);
      return cell;
    });
    return element("tr", { "aria-rowindex": index + 2, class: row.matches ? "matches" : "fails" }, ...cells);
  }

  // Where the keyboard is: a cell, the button of a heading, or nothing while its row does not exist.
  place({ row, column }) {
    return row < 0 ? this.heads[column].firstChild : this.body.rows[row - this.first]?.cells[column];
  }

  rove() {
    const next = this.active.row < this.first || this.active.row >= this.last ? null : this.place(this.active);
    const now = this.active.row < 0 ? this.place(this.active) : next;
    if (this.tabbed !== now) {
      this.tabbed?.setAttribute("tabindex", -1);
      this.tabbed?.removeAttribute("aria-describedby");
      now?.setAttribute("tabindex", 0);
      now?.setAttribute("aria-describedby", "details-sentence");
      this.tabbed = now;
    }
    this.scroller.tabIndex = now ? -1 : 0;
  }

  moveTo(row, column) {
    this.active = {
      row: Math.max(-1, Math.min(row, this.rows.length - 1)),
      column: Math.max(0, Math.min(column, this.columns.length - 1)),
    };
    if (this.active.row >= 0) this.scrollToRow(this.active.row);
    this.rove();
    this.place(this.active)?.focus();
  }

  scrollToRow(row) {
    const { scroller, rowHeight } = this;
    const head = this.head.getBoundingClientRect().height;
    const top = row * rowHeight;
    const bottom = top + rowHeight + head - scroller.clientHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (bottom > scroller.scrollTop) scroller.scrollTop = Math.ceil(bottom);
    this.render();
  }

  press(event) {
    const { row, column } = this.active;
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight) - 2);
    const [firstRow, lastRow, lastColumn] = [-1, this.rows.length - 1, this.columns.length - 1];
    const target = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      PageUp: [Math.max(row - page, Math.min(row, 0)), column],
      PageDown: [row + page, column],
      Home: event.ctrlKey ? [firstRow, 0] : [row, 0],
      End: event.ctrlKey ? [lastRow, lastColumn] : [row, lastColumn],
    }[event.key];
    if (target && !event.altKey && !event.metaKey) {
      event.preventDefault();
      this.moveTo(...target);
    } else if (event.key === "Enter" && row >= 0) {
      event.preventDefault();
      this.onEnter();
    }
  }

  // Which row and column an element of the table belongs to.
  locate(target) {
    const cell = target.closest("td, th");
    const line = cell?.parentElement;
    if (!line || line.parentElement === this.above.body || line.parentElement === this.below.body) return null;
    return { row: Number(line.getAttribute("aria-rowindex")) - 2, column: cell.cellIndex };
  }

  focused(target) {
    const place = this.locate(target);
    if (!place) return;
    this.active = place;
    this.rove();
    this.read(place);
  }

  pointed(target) {
    const place = this.locate(target);
    if (place) this.read(place);
  }

  read({ row, column }) {
    this.table.querySelector("thead .current")?.classList.remove("current");
    this.heads[column].classList.add("current");
    this.onRead(row < 0 ? null : this.rows[row], this.columns[column]);
  }

  clicked(target) {
    const place = this.locate(target);
    if (place && place.row >= 0) this.place(place)?.focus({ preventScroll: true });
  }

  focusActive() {
    this.moveTo(this.active.row, this.active.column);
  }

  // On paper there is no scrolling.
  showForPrinting() {
    this.renderRange(0, Math.min(this.rows.length, MOST_PRINTED));
  }
}

function spacer() {
  const cell = element("td", { role: "presentation" });
  const body = element("tbody", { role: "presentation", class: "spacer", "aria-hidden": "true" });
  body.append(element("tr", { role: "presentation" }, cell));
  const setHeight = (height) => {
    cell.style.height = `${height}px`;
    body.hidden = height === 0;
  };
  return { body, setHeight };
}
