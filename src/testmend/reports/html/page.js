"use strict";
const all = [...document.querySelectorAll("details")];
const search = document.getElementById("search");
const selects = [...document.querySelectorAll("select")];
const texts = new Map();
function text(each) {
  if (!texts.has(each)) texts.set(each, each.textContent.toLowerCase());
  return texts.get(each);
}
function narrow() {
  const wanted = search.value.toLowerCase();
  let count = 0;
  for (const each of all) {
    const fits = selects.every(
      (s) => !s.value || each.dataset[s.dataset.of].split("|").includes(s.value));
    each.hidden = !(fits && (!wanted || text(each).includes(wanted)));
    count += !each.hidden;
  }
  for (const section of document.querySelectorAll("section"))
    section.hidden = all.length > 0 && !section.querySelector("details:not([hidden])");
  document.getElementById("count").textContent = `${count} of ${all.length} files`;
}
function fold(open) { for (const each of all) if (!each.hidden) each.open = open; }
search.addEventListener("input", narrow);
for (const each of selects) each.addEventListener("change", narrow);
document.getElementById("fold").addEventListener("click", () => fold(false));
document.getElementById("open").addEventListener("click", () => fold(true));
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/INPUT|SELECT/.test(document.activeElement.tagName)) {
    event.preventDefault();
    search.focus();
  }
});
addEventListener("beforeprint", () => fold(true));
narrow();
