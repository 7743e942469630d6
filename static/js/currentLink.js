// A row of links that is too long for a phone scrolls sideways; it begins where the link of this page can be seen.

for (const row of document.querySelectorAll(".site-nav, .tabs")) {
  const current = row.querySelector("[aria-current]")?.getBoundingClientRect();
  if (!current) continue;
  const { left, width } = row.getBoundingClientRect();
  row.scrollLeft += current.left + current.width / 2 - left - width / 2;
}
