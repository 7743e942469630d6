// Adds the next page of drawings below the gallery, on a click or while a person scrolls. Without it, the link leads to that page.

import { pageAt } from "./api.js";
import { errorText } from "./format.js";

const BY_ITSELF = 5; // pages that come while somebody scrolls; then the link waits for a click, so that the end of the page can be reached
const AHEAD = "600px"; // below the window: the next drawings are there before somebody sees the end

/** `more` is the link to the next page; it may be missing. `status` tells screen readers what came. */
export function wireGallery(gallery, more, status, t) {
  if (!gallery || !more) return;
  let left = BY_ITSELF;
  let loading = false;

  async function load() {
    if (loading) return;
    loading = true;
    more.setAttribute("aria-busy", "true");
    try {
      const next = await pageAt(more.href);
      const drawings = next.querySelectorAll("#gallery > li");
      gallery.append(...[...drawings].map((one) => document.importNode(one, true)));
      status.textContent = t("gallery.added", { count: drawings.length });
      const address = next.querySelector("#more")?.getAttribute("href");
      if (address) more.href = address;
      else end();
    } catch (error) {
      left = 0;
      status.textContent = errorText(error, t);
    } finally {
      loading = false;
      more.removeAttribute("aria-busy");
      scroll.unobserve(more); // observed anew, it tells at once whether the end is still near
      if (more.isConnected) scroll.observe(more);
    }
  }

  function end() {
    scroll.disconnect();
    if (document.activeElement === more) gallery.lastElementChild?.querySelector("a")?.focus({ preventScroll: true });
    more.closest("p").remove();
  }

  const scroll = new IntersectionObserver((entries) => {
    if (loading || !entries.at(-1).isIntersecting || left <= 0) return;
    left -= 1;
    load();
  }, { rootMargin: AHEAD });
  scroll.observe(more);
  more.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    left = BY_ITSELF;
    load();
  });
}
