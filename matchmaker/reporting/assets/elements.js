// Elements. Texts of candidates and expressions come in as children or attributes, never as markup.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// A state is told by shape, word and colour.
function stateMark(state) {
  const shape = element("span", { class: `icon ${state.name}-shape` });
  return element("span", { class: `mark ${state.name}` }, shape, state.word);
}

// Sentences, with what stands in backticks as code; a backtick too many is one of a value.
function prose(text) {
  const pieces = text.split("`");
  if (pieces.length % 2 === 0) return [text];
  return pieces.map((piece, place) => (place % 2 === 0 ? piece : element("code", {}, piece)));
}

// The range of bars: from the smallest to the largest number, and always with zero in it.
function rangeOf(numbers) {
  const finite = numbers.map((number) => number?.value).filter(Number.isFinite);
  return finite.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [0, 0]);
}

// A bar from zero to a number. The number itself must stand beside it.
function bar(number, [least, most]) {
  const track = element("span", { class: "track", "aria-hidden": "true" });
  const width = most - least;
  if (number === null || width === 0 || Number.isNaN(number.value)) return track;
  const value = Math.min(Math.max(number.value, least), most);
  const filled = element("span", { class: value < 0 ? "filled negative" : "filled" });
  filled.style.left = `${(100 * (Math.min(value, 0) - least)) / width}%`;
  filled.style.width = `${(100 * Math.abs(value)) / width}%`;
  track.append(filled);
  return track;
}
