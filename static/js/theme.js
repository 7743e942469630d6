// Light or dark, as the system says. A plain script in the head, because it must run before the first paint.
{
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const update = () => { document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  dark.addEventListener("change", update);
  update();
}
