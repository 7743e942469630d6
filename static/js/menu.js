// The menu of symbol sets closes when its reader looks elsewhere. It works without this, only less politely.

const menu = document.querySelector(".sets-menu");

document.addEventListener("click", ({ target }) => {
  if (menu?.open && !menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  if (!menu?.open || key !== "Escape") return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
