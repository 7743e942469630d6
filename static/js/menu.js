// Closes the menu of symbol sets on a click elsewhere and on Escape. The menu also works without this script.

const menu = document.querySelector(".sets-menu");

document.addEventListener("click", ({ target }) => {
  if (menu?.open && !menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  if (!menu?.open || key !== "Escape") return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
