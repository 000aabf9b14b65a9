"use strict";
const all = [...document.querySelectorAll("details.file")];
const sections = [...document.querySelectorAll("section")];
const search = document.getElementById("search");
const selects = [...document.querySelectorAll("select")];
const texts = new Map();
function text(each) {
  if (!texts.has(each)) texts.set(each, each.textContent.toLowerCase());
  return texts.get(each);
}
function fits(section, file) {
  return selects.every((s) => {
    if (!s.value) return true;
    const own = file && file.dataset[s.dataset.of];
    const said = own ?? section.dataset[s.dataset.of] ?? "";
    return said.split("|").includes(s.value);
  });
}
function narrow() {
  const wanted = search.value.toLowerCase();
  const narrowed = wanted || selects.some((s) => s.value);
  let count = 0;
  for (const section of sections) {
    const head = [...section.firstElementChild.children].filter(
      (each) => !each.matches("details.file"));
    const named = head.some((each) => text(each).includes(wanted));
    let shown = 0;
    for (const file of section.querySelectorAll("details.file")) {
      file.hidden = !(fits(section, file) && (named || text(file).includes(wanted)));
      shown += !file.hidden;
    }
    count += shown;
    section.hidden = Boolean(narrowed && !shown && !(named && fits(section, null)));
  }
  document.getElementById("count").textContent = `${count} of ${all.length} files`;
  document.getElementById("none").hidden = sections.some((each) => !each.hidden);
}
function fold(open) { for (const each of all) if (!each.hidden) each.open = open; }
function step(by) {
  const heads = all.filter((each) => each.checkVisibility())
    .map((each) => each.firstElementChild);
  if (!heads.length) return;
  const here = heads.indexOf(document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : heads.length - 1) : here + by;
  const head = heads[Math.max(0, Math.min(next, heads.length - 1))];
  head.focus();
  head.scrollIntoView({ block: "center" });
}
search.addEventListener("input", narrow);
for (const each of selects) each.addEventListener("change", narrow);
document.getElementById("fold").addEventListener("click", () => fold(false));
document.getElementById("open").addEventListener("click", () => fold(true));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    search.value = "";
    for (const each of selects) each.value = "";
    document.activeElement.blur();
    narrow();
    return;
  }
  if (/INPUT|SELECT/.test(document.activeElement.tagName)) return;
  const done = {
    "/": () => search.focus(),
    j: () => step(1),
    k: () => step(-1),
  }[event.key];
  if (done) {
    event.preventDefault();
    done();
  }
});
let before = null;  // what was open before printing, which may be announced twice
addEventListener("beforeprint", () => {
  before ??= new Set(all.filter((each) => each.open));
  fold(true);
  document.querySelector("header details")?.setAttribute("open", "");
});
addEventListener("afterprint", () => {
  if (before) for (const each of all) each.open = before.has(each);
  before = null;
});
narrow();
