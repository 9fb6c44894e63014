"use strict";

// The keys of the trace viewer follow the links that are on the page: without this file the links do all of it.
const KEYS = {
  ArrowLeft: "before", k: "before", ArrowRight: "after", j: "after", Home: "first", End: "last", d: "departure",
};

document.addEventListener("keydown", (event) => {
  const writing = event.target.closest("input, select, textarea, [contenteditable]");
  // what scrolls sideways keeps its arrows
  const scrolled = event.target.closest(".scroll") && event.key.startsWith("Arrow");
  if (writing || scrolled || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const link = Object.hasOwn(KEYS, event.key) && document.querySelector(`[data-move="${KEYS[event.key]}"][href]`);
  if (!link) return;
  event.preventDefault();
  link.click();
});

// the move that was focused before the page changed is focused after
document.addEventListener("htmx:beforeSwap", () => {
  const move = document.activeElement?.dataset?.move;
  if (!move) return;
  document.addEventListener("htmx:afterSettle", () => {
    (document.querySelector(`[data-move="${move}"][href]`) ?? document.querySelector("#viewer"))?.focus();
  }, { once: true });
});
